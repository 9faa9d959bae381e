import { computed, onScopeDispose, shallowRef } from 'vue';

/** One place for the dialogs on one kind of thing: at most one is open, from any page, and pages hear of changes. */
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
    /** Tells the page on screen that something has changed. */
    changed: (): void => listeners.forEach((listener) => listener()),
    /** Calls back whenever a dialog or an action has changed something, while the component lives. */
    onChanged: (listener: () => void): void => {
      listeners.add(listener);
      onScopeDispose(() => listeners.delete(listener));
    },
  };
}
