import type { Actor } from '../access/actor.js';
import type { Directory, StoredGrant } from '../access/directory.js';

/** How long an invitation can be accepted. */
export const INVITATION_LIFETIME_MS = 72 * 3_600_000;

/** An invitation that nobody accepted yet: what it grants, nobody holds. */
export interface Invitation {
  readonly id: string;
  /** Id of the account that accepting creates; an account that exists keeps its own. */
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly grants: readonly StoredGrant[];
  readonly issuer: Actor;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly mailed: boolean;
}

/** Grants of scopes and roles that still exist: some may have been deleted since somebody was invited. */
export const standingGrants = (grants: readonly StoredGrant[], directory: Directory): StoredGrant[] =>
  grants.filter(
    ({ scopeId, roleId }) =>
      directory.tree.get(scopeId) !== undefined && (roleId === null || directory.role(roleId) !== undefined),
  );

/** An invitation whose link was just made: the only time that its URL is known. */
export interface IssuedInvitation extends Invitation {
  readonly url: string;
}

/** Sends invitations by e-mail. Never throws, and never takes longer than a few seconds. */
export interface InvitationMail {
  readonly enabled: boolean;
  /** Whether the mail server took it over. */
  send(invitation: IssuedInvitation): Promise<boolean>;
}
