import { computed, defineAsyncComponent, onScopeDispose, shallowRef, type Component } from 'vue';

/** Loads a dialog when it is first opened. The dialog emits `changed` after a change, and `left` once it is closed. */
type Load = () => Promise<{ default: Component }>;
type PropsOf<Dialog extends Load> = Awaited<ReturnType<Dialog>>['default'] extends new (...args: never[]) => {
  $props: infer Props;
}
  ? Props
  : never;
/** A dialog without required props opens by its name alone. */
type Args<Props> = Partial<Props> extends Props ? [props?: Props] : [props: Props];

interface OpenDialog {
  /** Tells two openings of the same dialog apart. */
  readonly id: number;
  readonly component: Component;
  readonly props: object;
}

const current = shallowRef<OpenDialog | null>(null);
let lastId = 0;

/** The open dialog, at most one in the whole app; `DialogHost` shows it. */
export const currentDialog = computed(() => current.value);

/** Closes the open dialog. */
export function closeDialog(): void {
  current.value = null;
}

/** Callbacks of mounted components. */
function callbacks() {
  const all = new Set<() => unknown>();
  return {
    call: (): void => all.forEach((callback) => callback()),
    add: (callback: () => unknown): void => {
      all.add(callback);
      onScopeDispose(() => all.delete(callback));
    },
  };
}

/** Declares the dialogs for one kind of object. Any page can open them by name, and is notified of changes. */
export function defineDialogs<Dialogs extends Record<string, Load>>(dialogs: Dialogs) {
  const components = Object.fromEntries(
    Object.entries(dialogs).map(([name, load]) => [name, defineAsyncComponent(load)]),
  );
  const changes = callbacks();
  const closings = callbacks();
  return {
    /** Opens a dialog, in place of the open one. */
    open: <Name extends keyof Dialogs & string>(
      name: Name,
      ...[props]: Args<PropsOf<Dialogs[Name]>>
    ): void => {
      lastId += 1;
      const id = lastId;
      // A dialog that another one replaced closes nothing.
      const onLeft = (): void => {
        if (current.value?.id !== id) return;
        closeDialog();
        closings.call();
      };
      current.value = {
        id,
        component: components[name]!,
        props: { ...(props as object | undefined), onChanged: changes.call, onLeft },
      };
    },
    /** Notifies the pages of a change. */
    changed: changes.call,
    /** Calls back after each change by a dialog or action, while the component is mounted. */
    onChanged: changes.add,
    /** Calls back after a dialog has closed itself, while the component is mounted. */
    onClosed: closings.add,
  };
}
