import { computed, shallowRef } from 'vue';
import type { IssuedSecret, KeyRowFragment } from '../gql/graphql.js';
import type { Propagation } from '../lib/propagation.js';
import type { ScopeChoice } from '../lib/scopes.js';
import type { ServiceAccountChoice } from '../lib/service-accounts.js';
import { dialogState } from './dialog-state.js';

/** A newly issued secret, kept only in this variable until the dialog closes. */
export interface Issued {
  apiKey: KeyRowFragment;
  secret: IssuedSecret;
  /** Its propagation as of issuing. */
  propagation: Propagation;
  /** The action that issued it, for the title of the dialog. */
  cause: 'created' | 'regenerated' | 'duplicated';
}

/** Defaults for a new key, from where its form was opened. */
export interface KeyStart {
  name?: string;
  serviceAccount?: ServiceAccountChoice;
  scope?: ScopeChoice;
}

/** The open dialog and its key. */
export type KeyDialog =
  | { kind: 'create'; start?: KeyStart }
  | { kind: 'edit' | 'duplicate' | 'regenerate' | 'revoke'; apiKey: KeyRowFragment }
  | { kind: 'extend-many' | 'revoke-many'; keys: KeyRowFragment[] };

const state = dialogState<KeyDialog>();
const issued = shallowRef<Issued | null>(null);

/** Opens and closes the key dialogs, one at a time, from any page. */
export function useKeyDialogs() {
  return {
    ...state,
    issued: computed(() => issued.value),
    reveal: (next: Issued) => {
      state.close();
      issued.value = next;
    },
    forgetSecret: () => {
      issued.value = null;
    },
  };
}
