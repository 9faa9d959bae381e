import { dialogState } from '../../composables/dialog-state.js';
import type { ServiceAccountRowFragment } from '../../gql/graphql.js';
import type { ScopeChoice } from '../../lib/scopes.js';

/** The open service account dialog. */
export type AccountDialog =
  | { kind: 'create'; scope: ScopeChoice | null }
  | { kind: 'edit' | 'delete'; account: ServiceAccountRowFragment };

const state = dialogState<AccountDialog>();

/** Opens and closes the service account dialogs. */
export const useAccountDialogs = () => state;
