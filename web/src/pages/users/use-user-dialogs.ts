import { dialogState } from '../../composables/dialog-state.js';
import type { InvitationRowFragment, InviteUserMutation, UserRowFragment } from '../../gql/graphql.js';

/** A user with a new one-time link, kept only here until the dialog closes. */
export type LinkedUser = Pick<
  NonNullable<InviteUserMutation['inviteUser']>,
  'name' | 'email' | 'passwordLink'
>;

/** The actions on a user that need confirmation. */
export type UserQuestion = 'link' | 'factor' | 'sessions';

/** The open dialog and its user. */
export type UserDialog =
  | { kind: 'invite' }
  | { kind: 'edit'; user: UserRowFragment }
  | { kind: 'ask'; question: UserQuestion; user: UserRowFragment }
  | { kind: 'resend' | 'revoke'; invitation: InvitationRowFragment }
  | { kind: 'switch'; user: UserRowFragment }
  | { kind: 'reveal'; user: LinkedUser; invited: boolean };

const state = dialogState<UserDialog>();

/** Opens and closes the user dialogs. */
export const useUserDialogs = () => state;
