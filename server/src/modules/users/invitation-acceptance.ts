import type { Transaction } from '../../core/transaction.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { hashToken, isToken } from '../../core/random-token.js';
import type { AccessStore } from '../access/decide/access-store.postgres.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import { faultOfPermission, grantsForAudit, isPartOfGrants, MAX_GRANTS } from '../access/decide/grant.js';
import type { Principal } from '../access/decide/principal.js';
import type { Changes } from '../events/changes.js';
import { domainEvent, type DomainEvent } from '../events/domain-event.js';
import type { EventPayloads } from '../events/event-payloads.js';
import { standingGrants, type Invitation } from './invitation.js';
import type { InvitationStore } from './invitation-store.postgres.js';
import { invitationSubject } from './invitations.js';
import type { Issuers } from './issuer.js';
import type { UserAdminStore } from './user-admin-store.postgres.js';
import { foldEmail, type User } from './user.js';

export interface InvitationAcceptanceDeps {
  readonly store: InvitationStore;
  readonly users: UserAdminStore;
  readonly issuers: Issuers;
  readonly access: Pick<AccessStore, 'permissionNames'>;
  readonly directory: Directory;
  readonly changes: Changes;
  readonly clock: Clock;
}

const spent = (): AppError =>
  new AppError('FORBIDDEN', 'This invitation has expired or was already used. Ask for a new one.');

const hasAccount = (): AppError =>
  new AppError('CONFLICT', 'You already have an account. Sign in to accept the invitation.');

/** Accepts invitations: for a signed-in user, or by creating an account if none has the address. */
export class InvitationAcceptance {
  constructor(private readonly deps: InvitationAcceptanceDeps) {}

  /** The pending invitation of a link. */
  async find(token: string): Promise<Invitation | null> {
    if (!isToken(token)) return null;
    return this.deps.store.byToken(hashToken(token), new Date(this.deps.clock.now()));
  }

  /** Requires that no account has the address of the invitation. Error: CONFLICT. */
  async requireNoAccount(token: string): Promise<void> {
    const invitation = await this.find(token);
    if (invitation && (await this.deps.users.hasEmail(invitation.email))) throw hasAccount();
  }

  /**
   * Adds the grants of an invitation to the signed-in user. Errors: FORBIDDEN for an invitation that has expired, was
   * used or revoked, is for another address, or whose issuer could no longer send it; CONFLICT for too many grants.
   */
  accept(by: Principal, token: string): Promise<User> {
    const { users, directory, changes } = this.deps;
    return changes.apply(by, async (tx) => {
      const { user, invitation } = await this.takeOwn(by, tx, token);
      const grants = await this.grantable(tx, invitation);
      const held = (await users.grantsOf(tx, user.id)).filter(({ source }) => source === 'LOCAL');
      const added = grants.filter((grant) => !isPartOfGrants(grant, held));
      const all = [...held, ...added];
      if (all.length > MAX_GRANTS) {
        throw new AppError(
          'CONFLICT',
          `You would have more than ${MAX_GRANTS} grants. Ask for a smaller role.`,
        );
      }
      if (added.length > 0) await users.replaceLocalGrants(tx, user.id, all);
      const [before, after] = [grantsForAudit(directory, held), grantsForAudit(directory, all)];
      const value = (await users.lock(tx, user.id))!;
      return { value, events: [accepted(user, grants, { grants: { before, after } })] };
    });
  }

  /**
   * Declines an invitation. Errors: FORBIDDEN as for {@link accept}, except that the issuer's permissions do not
   * matter.
   */
  decline(by: Principal, token: string): Promise<boolean> {
    return this.deps.changes.apply(by, async (tx) => {
      const { invitation } = await this.takeOwn(by, tx, token);
      const about = invitationSubject(invitation);
      return { value: true, events: [domainEvent('user.invitation_declined', about, {})] };
    });
  }

  /**
   * Creates the account of an invitation inside a transaction, without a password; `joined` makes the event to record,
   * with the name that the user ends up with. Errors: FORBIDDEN as for {@link accept}; CONFLICT if an account has the
   * address: its owner has to sign in to accept.
   */
  async createAccount(
    tx: Transaction,
    token: string,
  ): Promise<{ user: User; joined: (name: string) => DomainEvent }> {
    const { users, clock, directory } = this.deps;
    const invitation = await this.take(tx, token);
    const { userId, email, name } = invitation;
    if (await users.hasEmail(email, tx)) throw hasAccount();
    const grants = await this.grantable(tx, invitation);
    try {
      const user = await users.add(tx, { id: userId, email, name }, grants, new Date(clock.now()));
      const after = grantsForAudit(directory, grants);
      const changes = { email: { before: null, after: email }, grants: { before: null, after } };
      return { user, joined: (finalName) => accepted({ id: user.id, name: finalName }, grants, changes) };
    } catch (error) {
      throw error instanceof AppError && error.code === 'NAME_TAKEN' ? hasAccount() : error;
    }
  }

  /** Consumes an invitation addressed to the signed-in user. */
  private async takeOwn(
    by: Principal,
    tx: Transaction,
    token: string,
  ): Promise<{ user: User; invitation: Invitation }> {
    const user = by.actor.id === null ? null : await this.deps.users.lock(tx, by.actor.id);
    if (!user?.enabled) throw spent();
    const invitation = await this.take(tx, token);
    if (foldEmail(invitation.email) !== foldEmail(user.email)) {
      throw new AppError(
        'FORBIDDEN',
        'This invitation is for another e-mail address. Sign in with that one.',
      );
    }
    return { user, invitation };
  }

  private async take(tx: Transaction, token: string): Promise<Invitation> {
    const now = new Date(this.deps.clock.now());
    const invitation = isToken(token) ? await this.deps.store.take(tx, hashToken(token), now) : null;
    if (!invitation) throw spent();
    return invitation;
  }

  /**
   * The grants whose scopes and roles still exist, provided that the issuer could still grant them. Error: FORBIDDEN.
   */
  private async grantable(tx: Transaction, invitation: Invitation): Promise<StoredGrant[]> {
    const { issuers, directory, access } = this.deps;
    const known = await access.permissionNames();
    const grants = standingGrants(invitation.grants, directory)
      .map((grant) => ({
        ...grant,
        permissions: grant.permissions.filter((name) => faultOfPermission(name, known) === undefined),
      }))
      .filter(({ roleId, permissions }) => roleId !== null || permissions.length > 0);
    if (grants.length === 0 && invitation.grants.length > 0) {
      throw new AppError(
        'FORBIDDEN',
        'Nothing that this invitation grants exists any more. Ask for a new one.',
      );
    }
    await issuers.requireMayGrant(invitation.issuer, grants, tx);
    return grants;
  }
}

const accepted = (
  { id, name }: Pick<User, 'id' | 'name'>,
  grants: readonly StoredGrant[],
  changes: EventPayloads['user.invitation_accepted'],
): DomainEvent =>
  domainEvent(
    'user.invitation_accepted',
    { type: 'User', id, name, scopeIds: grants.map(({ scopeId }) => scopeId) },
    changes,
  );
