import { readonly, ref, watchEffect } from 'vue';

/** The colour modes a person can choose. */
export type ThemeMode = 'light' | 'dark' | 'system';

const STORAGE_KEY = 'keywright.theme';
const MODES: readonly ThemeMode[] = ['light', 'dark', 'system'];
const systemDark = matchMedia('(prefers-color-scheme: dark)');

function keptMode(): ThemeMode {
  try {
    return MODES.find((mode) => mode === localStorage.getItem(STORAGE_KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

const mode = ref<ThemeMode>(keptMode());
const systemIsDark = ref(systemDark.matches);
const isDark = ref(false);
systemDark.addEventListener('change', (event) => (systemIsDark.value = event.matches));

watchEffect(() => {
  isDark.value = mode.value === 'dark' || (mode.value === 'system' && systemIsDark.value);
  document.documentElement.classList.toggle('dark', isDark.value);
  document.documentElement.style.colorScheme = isDark.value ? 'dark' : 'light';
});

/** The colour mode: kept in this browser, applied to the page at once, following the system when asked to. */
export function useTheme() {
  return {
    mode: readonly(mode),
    isDark: readonly(isDark),
    setMode: (next: ThemeMode): void => {
      mode.value = next;
      try {
        localStorage.setItem(STORAGE_KEY, next);
      } catch {
        // Without storage the choice lasts until the page is closed.
      }
    },
  };
}
