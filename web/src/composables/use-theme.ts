import { readonly, ref, watchEffect } from 'vue';

/** The available color modes. */
export type ThemeMode = 'light' | 'dark' | 'system';

/** The color modes as options. */
export const THEME_MODES: readonly { mode: ThemeMode; label: string; icon: string }[] = [
  { mode: 'light', label: 'Light', icon: 'i-lucide-sun' },
  { mode: 'dark', label: 'Dark', icon: 'i-lucide-moon' },
  { mode: 'system', label: 'System', icon: 'i-lucide-monitor' },
];

const STORAGE_KEY = 'keywright.theme';
const systemDark = matchMedia('(prefers-color-scheme: dark)');

function keptMode(): ThemeMode {
  try {
    const kept = localStorage.getItem(STORAGE_KEY);
    return THEME_MODES.find(({ mode }) => mode === kept)?.mode ?? 'system';
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

/** The color mode: stored in this browser, applied immediately, and optionally following the system. */
export function useTheme() {
  return {
    mode: readonly(mode),
    isDark: readonly(isDark),
    setMode: (next: ThemeMode): void => {
      mode.value = next;
      try {
        localStorage.setItem(STORAGE_KEY, next);
      } catch {
        // Without storage, the choice lasts until the page is closed.
      }
    },
  };
}
