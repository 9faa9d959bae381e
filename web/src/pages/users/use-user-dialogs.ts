import { dialogState } from '../../composables/dialog-state.js';
import type { InvitationRowFragment, InviteUserMutation, UserRowFragment } from '../../gql/graphql.js';

/** Somebody who was just given a one-time link; it lives here only, until the dialog is closed. */
export type LinkedUser = Pick<
  NonNullable<InviteUserMutation['inviteUser']>,
  'name' | 'email' | 'passwordLink'
>;

/** What is asked about before it is done to a user. */
export type UserQuestion = 'link' | 'factor' | 'sessions';

/** The dialog that is open, with the user that it is about. */
export type UserDialog =
  | { kind: 'invite' }
  | { kind: 'edit'; user: UserRowFragment }
  | { kind: 'ask'; question: UserQuestion; user: UserRowFragment }
  | { kind: 'resend' | 'revoke'; invitation: InvitationRowFragment }
  | { kind: 'switch'; user: UserRowFragment }
  | { kind: 'reveal'; user: LinkedUser; invited: boolean };

const state = dialogState<UserDialog>();

/** The dialogs on users. */
export const useUserDialogs = () => state;
