import { useMediaQuery } from '@vueuse/core';

/** Whether the screen is wide enough for tables; narrower ones show lists as cards. */
export function useWide() {
  return useMediaQuery('(min-width: 768px)');
}
