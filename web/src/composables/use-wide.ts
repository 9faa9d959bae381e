import { useMediaQuery } from '@vueuse/core';

/** Whether there is room for tables; on narrower screens lists are shown as cards. */
export function useWide() {
  return useMediaQuery('(min-width: 768px)');
}
