import { computed, onScopeDispose, shallowRef } from 'vue';

/** Shared state of the dialogs for one kind of object: at most one is open, from any page, and pages are notified of changes. */
export function dialogState<Dialog>() {
  const dialog = shallowRef<Dialog | null>(null);
  const listeners = new Set<() => void>();
  return {
    dialog: computed(() => dialog.value),
    open: (next: Dialog): void => {
      dialog.value = next;
    },
    close: (): void => {
      dialog.value = null;
    },
    /** Notifies the current page of a change. */
    changed: (): void => listeners.forEach((listener) => listener()),
    /** Calls back after each change by a dialog or action, while the component is mounted. */
    onChanged: (listener: () => void): void => {
      listeners.add(listener);
      onScopeDispose(() => listeners.delete(listener));
    },
  };
}
