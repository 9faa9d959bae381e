import { dialogState } from '../../composables/dialog-state.js';
import type { RoleRowFragment } from '../../gql/graphql.js';

/** The open dialog and its role. */
export type RoleDialog =
  { kind: 'create'; like?: RoleRowFragment } | { kind: 'edit' | 'delete'; role: RoleRowFragment };

const state = dialogState<RoleDialog>();

/** Opens and closes the role dialogs. */
export const useRoleDialogs = () => state;
