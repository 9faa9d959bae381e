// Sets the colour mode before the first paint, so that a dark screen never flashes white.
(function () {
  var mode = 'system';
  try {
    mode = localStorage.getItem('keywright.theme') || 'system';
  } catch (error) {
    mode = 'system';
  }
  var dark = mode === 'dark' || (mode === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
})();
