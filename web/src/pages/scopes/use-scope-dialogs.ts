import { dialogState } from '../../composables/dialog-state.js';
import type { ScopeKind, ScopeRowFragment } from '../../gql/graphql.js';

/** The open scope dialog. */
export type ScopeDialog =
  | { kind: 'create'; scopeKind: ScopeKind; parent: ScopeRowFragment | null }
  | { kind: 'edit' | 'move' | 'delete' | 'api-off'; scope: ScopeRowFragment };

const state = dialogState<ScopeDialog>();

/** Opens and closes the scope dialogs. */
export const useScopeDialogs = () => state;
