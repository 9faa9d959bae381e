import { dialogState } from '../../composables/dialog-state.js';
import type { ServiceAccountRowFragment } from '../../gql/graphql.js';
import type { ScopeChoice } from '../../lib/scopes.js';

/** The dialog on a service account that is open. */
export type AccountDialog =
  | { kind: 'create'; scope: ScopeChoice | null }
  | { kind: 'edit' | 'delete'; account: ServiceAccountRowFragment };

const state = dialogState<AccountDialog>();

/** Opens and closes the dialogs on service accounts. */
export const useAccountDialogs = () => state;
