import type { Transaction } from '../../core/transaction.js';
import type { Clock } from '../../core/clock.js';
import { AppError, badInput, notFound } from '../../core/errors.js';
import { ID_PREFIXES, isId, newId } from '../../core/id.js';
import { hashToken, mintToken } from '../../core/random-token.js';
import type { AccessStore } from '../access/decide/access-store.postgres.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import type { HolderBounds } from '../access/decide/holder-bounds.js';
import { grantsForAudit, parseGrants, type GrantRequest } from '../access/decide/grant.js';
import { requireAt, requireHeld, type Principal } from '../access/decide/principal.js';
import type { Changes } from '../events/changes.js';
import { domainEvent, type Subject } from '../events/domain-event.js';
import {
  INVITATION_LIFETIME_MS,
  standingGrants,
  type Invitation,
  type InvitationMail,
  type IssuedInvitation,
} from './invitation.js';
import type { InvitationStore } from './invitation-store.postgres.js';
import { seesUser } from './may-manage-user.js';
import { parseProfile } from './user.js';

/** Maximum number of pending invitations per issuer. */
const MAX_PENDING = 500;

/** Input for an invitation. */
export interface InviteRequest {
  readonly email: string;
  readonly name?: string | null;
  readonly grants: readonly GrantRequest[];
}

export interface InvitationsDeps {
  readonly store: InvitationStore;
  readonly mail: InvitationMail;
  readonly access: Pick<AccessStore, 'permissionNames'>;
  readonly directory: Directory;
  readonly changes: Changes;
  readonly bounds: Pick<HolderBounds, 'requirePersonBound'>;
  readonly clock: Clock;
  readonly publicUrl: () => string;
  readonly log: (message: string, error: unknown) => void;
}

/** An invitation as the subject of an event. */
export const invitationSubject = ({ id, email, grants }: Invitation): Subject => ({
  type: 'Invitation',
  id,
  name: email,
  scopeIds: grants.map(({ scopeId }) => scopeId),
});

/** Invites people. It never checks whether an account has the address, so that inviting reveals nothing about it. */
export class Invitations {
  constructor(private readonly deps: InvitationsDeps) {}

  /**
   * Errors: BAD_USER_INPUT, FORBIDDEN where the caller manages no users, GRANT_NOT_HELD, CONFLICT if too many are
   * pending.
   */
  async invite(by: Principal, request: InviteRequest): Promise<IssuedInvitation> {
    const { store, access, directory, changes, clock } = this.deps;
    const email = request.email.trim();
    const profile = parseProfile({ email, name: request.name?.trim() || (email.split('@')[0] ?? '') });
    const permissionNames = await access.permissionNames();
    const check = { directory, permissionNames, access: by.access };
    const grants = parseGrants(request.grants, check, 'grants');
    if (grants.length === 0 && !by.access.holdsEverywhere('keywright.users.manage')) {
      throw badInput([
        { path: 'grants', message: 'Grant something, so that you can see this invitation afterwards.' },
      ]);
    }
    this.requireMayGrant(by, grants);
    const now = clock.now();
    const { invitation, tokenHash } = this.withLink(
      {
        id: newId(ID_PREFIXES.invitation, now),
        userId: newId(ID_PREFIXES.user, now),
        ...profile,
        grants,
        createdAt: new Date(now),
        mailed: false,
      },
      by,
    );
    await changes.apply(by, async (tx) => {
      await this.deps.bounds.requirePersonBound(tx, by, grants);
      if ((await store.countOf(tx, by.actor.id!, new Date(now))) >= MAX_PENDING) {
        throw new AppError(
          'CONFLICT',
          `You have ${MAX_PENDING} pending invitations. Revoke some, or wait until they expire.`,
        );
      }
      await store.add(tx, invitation, tokenHash);
      const after = grantsForAudit(directory, grants);
      const described = { email: { before: null, after: email }, grants: { before: null, after } };
      return {
        value: undefined,
        events: [domainEvent('user.invited', invitationSubject(invitation), described)],
      };
    });
    return this.send(invitation);
  }

  /**
   * Creates a new link, which replaces the previous one; the caller becomes the issuer. Errors: NOT_FOUND, FORBIDDEN,
   * GRANT_NOT_HELD.
   */
  async resend(by: Principal, id: string): Promise<IssuedInvitation> {
    const invitation = await this.deps.changes.apply(by, async (tx) => {
      const before = await this.manageable(by, tx, id);
      await this.deps.bounds.requirePersonBound(tx, by, before.grants);
      const { invitation, tokenHash } = this.withLink({ ...before, mailed: false }, by);
      await this.deps.store.renew(tx, invitation, tokenHash);
      const changes = { expiresAt: { after: invitation.expiresAt.toISOString() } };
      return {
        value: invitation,
        events: [domainEvent('user.invitation_renewed', invitationSubject(invitation), changes)],
      };
    });
    return this.send(invitation);
  }

  /** Revokes an invitation. Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD. */
  revoke(by: Principal, id: string): Promise<boolean> {
    return this.deps.changes.apply(by, async (tx) => {
      const invitation = await this.manageable(by, tx, id);
      await this.deps.store.remove(tx, id);
      return {
        value: true,
        events: [domainEvent('user.invitation_revoked', invitationSubject(invitation), {})],
      };
    });
  }

  /** Deletes expired invitations. */
  prune(): Promise<void> {
    return this.deps.store.prune(new Date(this.deps.clock.now()));
  }

  private async manageable(by: Principal, tx: Transaction, id: string): Promise<Invitation> {
    if (!isId(ID_PREFIXES.invitation, id)) throw notFound();
    const invitation = await this.deps.store.lock(tx, id, new Date(this.deps.clock.now()));
    if (!invitation) throw notFound();
    const grants = standingGrants(invitation.grants, this.deps.directory);
    if (!seesUser(by, grants)) throw notFound();
    this.requireMayGrant(by, grants);
    return invitation;
  }

  private withLink(
    invitation: Omit<Invitation, 'issuer' | 'expiresAt'>,
    by: Principal,
  ): { readonly invitation: IssuedInvitation; readonly tokenHash: Buffer } {
    const token = mintToken();
    const issued: IssuedInvitation = {
      ...invitation,
      issuer: by.actor,
      expiresAt: new Date(this.deps.clock.now() + INVITATION_LIFETIME_MS),
      url: `${this.deps.publicUrl()}/choose-password#token=${token}`,
    };
    return { invitation: issued, tokenHash: hashToken(token) };
  }

  private async send(invitation: IssuedInvitation): Promise<IssuedInvitation> {
    const { mail, store, log } = this.deps;
    const mailed = mail.enabled && (await mail.send(invitation));
    if (mailed) {
      await store
        .noteMailed(invitation.id)
        .catch((error: unknown) => log('Could not record that an invitation was mailed.', error));
    }
    return { ...invitation, mailed };
  }

  /** Requires the caller to hold everything that is granted, and to manage users at those scopes. */
  private requireMayGrant(by: Principal, grants: readonly StoredGrant[]): void {
    for (const { scopeId } of grants) requireAt(by, 'keywright.users.manage', scopeId);
    requireHeld(by, this.deps.directory.expand(grants));
  }
}
