import { onScopeDispose } from 'vue';

/** Calls periodically while the page is visible; stops when the component unmounts. */
export function usePolling(everyMs: number, call: () => unknown): void {
  const timer = setInterval(() => {
    if (!document.hidden) call();
  }, everyMs);
  onScopeDispose(() => clearInterval(timer));
}
