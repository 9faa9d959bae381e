import type { Actor } from '../access/decide/actor.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';

/** How long an invitation can be accepted, in milliseconds. */
export const INVITATION_LIFETIME_MS = 72 * 3_600_000;

/** An invitation that has not been accepted yet; its grants are not in effect. */
export interface Invitation {
  readonly id: string;
  /** Id of the account that acceptance creates; an existing account keeps its id. */
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly grants: readonly StoredGrant[];
  readonly issuer: Actor;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly mailed: boolean;
}

/** The grants whose scopes and roles still exist; some may have been deleted since the invitation. */
export const standingGrants = (grants: readonly StoredGrant[], directory: Directory): StoredGrant[] =>
  grants.filter(
    ({ scopeId, roleId }) =>
      directory.tree.get(scopeId) !== undefined && (roleId === null || directory.role(roleId) !== undefined),
  );

/** An invitation with a newly created link. Its URL is known only now. */
export interface IssuedInvitation extends Invitation {
  readonly url: string;
}

/** Sends invitations by e-mail. Never throws, and returns within a few seconds. */
export interface InvitationMail {
  readonly enabled: boolean;
  /** Whether the mail server accepted the message. */
  send(invitation: IssuedInvitation): Promise<boolean>;
}
