import { onScopeDispose } from 'vue';

/** Calls again and again while the page is in view; stops with the component. */
export function usePolling(everyMs: number, call: () => unknown): void {
  const timer = setInterval(() => {
    if (!document.hidden) call();
  }, everyMs);
  onScopeDispose(() => clearInterval(timer));
}
