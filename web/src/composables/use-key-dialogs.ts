import { computed, shallowRef } from 'vue';
import type { IssuedSecret, KeyRowFragment } from '../gql/graphql.js';
import type { Propagation } from '../lib/propagation.js';
import type { ScopeChoice } from '../lib/scopes.js';
import type { ServiceAccountChoice } from '../lib/service-accounts.js';
import { dialogState } from './dialog-state.js';

/** A secret that was just issued. It lives in this variable only, until the dialog is closed. */
export interface Issued {
  apiKey: KeyRowFragment;
  secret: IssuedSecret;
  /** Where it is in force, as far as was known when it was issued. */
  propagation: Propagation;
  /** What brought it about, for the heading of the dialog. */
  cause: 'created' | 'regenerated' | 'duplicated';
}

/** What is known of a key that is about to be made, from where its form was opened. */
export interface KeyStart {
  name?: string;
  serviceAccount?: ServiceAccountChoice;
  scope?: ScopeChoice;
}

/** The dialog that is open, with the key that it is about. */
export type KeyDialog =
  | { kind: 'create'; start?: KeyStart }
  | { kind: 'edit' | 'duplicate' | 'regenerate' | 'revoke'; apiKey: KeyRowFragment }
  | { kind: 'extend-many' | 'revoke-many'; keys: KeyRowFragment[] };

const state = dialogState<KeyDialog>();
const issued = shallowRef<Issued | null>(null);

/** Opens and closes the dialogs on keys; one at a time, from any page. */
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
