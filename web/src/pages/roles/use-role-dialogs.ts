import { dialogState } from '../../composables/dialog-state.js';
import type { RoleRowFragment } from '../../gql/graphql.js';

/** The dialog that is open, with the role that it is about. */
export type RoleDialog =
  { kind: 'create'; like?: RoleRowFragment } | { kind: 'edit' | 'delete'; role: RoleRowFragment };

const state = dialogState<RoleDialog>();

/** The dialogs on roles. */
export const useRoleDialogs = () => state;
