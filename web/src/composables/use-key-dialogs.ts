import { computed, onScopeDispose, shallowRef } from 'vue';
import type { IssuedSecret, KeyRowFragment } from '../gql/graphql.js';

/** A secret that was just issued. It lives in this variable only, until the dialog is closed. */
export interface Issued {
  apiKey: KeyRowFragment;
  secret: IssuedSecret;
  /** What brought it about, for the heading of the dialog. */
  cause: 'created' | 'regenerated' | 'duplicated';
}

/** The dialog that is open, with the key that it is about. */
export type KeyDialog =
  | { kind: 'create' }
  | { kind: 'edit' | 'duplicate' | 'regenerate' | 'revoke'; apiKey: KeyRowFragment }
  | { kind: 'extend-many' | 'revoke-many'; keys: KeyRowFragment[] };

const dialog = shallowRef<KeyDialog | null>(null);
const issued = shallowRef<Issued | null>(null);
const listeners = new Set<() => void>();

/** Opens and closes the dialogs on keys; one at a time, from any page. */
export function useKeyDialogs() {
  return {
    dialog: computed(() => dialog.value),
    issued: computed(() => issued.value),
    open: (next: KeyDialog) => {
      dialog.value = next;
    },
    close: () => {
      dialog.value = null;
    },
    reveal: (next: Issued) => {
      dialog.value = null;
      issued.value = next;
    },
    forgetSecret: () => {
      issued.value = null;
    },
    /** Tells the page on screen that keys have changed. */
    changed: () => listeners.forEach((listener) => listener()),
    /** Calls back whenever a dialog or an action has changed keys, while the component lives. */
    onChanged: (listener: () => void) => {
      listeners.add(listener);
      onScopeDispose(() => listeners.delete(listener));
    },
  };
}
