const INTERVAL_MS = 500;

/**
 * Stops this process in order when the npm that runs it was told to stop: npm then ends only the shell between the two,
 * which would leave this process behind.
 */
export function followNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, INTERVAL_MS);
  watch.unref();
}
