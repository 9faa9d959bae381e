import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { SYSTEM_ACTOR } from '../../access/decide/actor.js';
import type { RequestContext } from '../../access/decide/principal.js';
import { domainEvent, type DomainEvent, type Subject } from '../../events/domain-event.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { InvitationStore } from '../../users/invitation-store.postgres.js';
import type { User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import type { InstallationStore } from '../set-up/installation-store.postgres.js';
import type { IssuedSession } from '../sessions/session.js';
import type { SessionService } from '../sessions/session-service.js';
import type { GroupRoles } from './group-roles.js';
import type { ExternalGrant, IdentityStore } from './identity-store.js';
import type { Identity } from './identity.js';
import { SignInRefused } from './sign-in-refused.js';

export interface ExternalSignInDeps {
  readonly clock: Clock;
  readonly users: UserStore;
  readonly identities: IdentityStore;
  readonly invitations: Pick<InvitationStore, 'isInvited'>;
  readonly installation: InstallationStore;
  readonly sessions: Pick<SessionService, 'signInExternally'>;
  readonly events: EventRecorder;
  readonly groupRoles: Pick<GroupRoles, 'broughtBy'>;
  readonly log: (message: string) => void;
}

const UNIQUE_VIOLATION = '23505';

const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;

/** The grants in the format of the audit log. */
const shown = (grants: readonly ExternalGrant[]): { role: string; scope: string; scopeId: string }[] =>
  grants.map(({ roleName, scopeName, scopeId }) => ({ role: roleName, scope: scopeName, scopeId }));

/**
 * Signs in people by their identity at the identity provider: finds, links or creates the user, and assigns roles by
 * groups.
 */
export class ExternalSignIn {
  constructor(private readonly deps: ExternalSignInDeps) {}

  /** Starts a session. Error: {@link SignInRefused}. */
  async signIn(identity: Identity, context: RequestContext): Promise<IssuedSession> {
    const attempt = (): Promise<IssuedSession> =>
      this.deps.sessions.signInExternally((tx) => this.admit(tx, identity, context.ip), context);
    try {
      return await attempt();
    } catch (error) {
      // A concurrent sign-in created a user with the same address: the next attempt finds it.
      if (isUniqueViolation(error)) return attempt();
      throw error;
    }
  }

  private async admit(tx: Transaction, identity: Identity, ip: string | null): Promise<User> {
    const { identities, events } = this.deps;
    await identities.lock(tx, identity.issuer, identity.subject);
    const grants = await this.grantsOf(tx, identity);
    const happened: ((subject: Subject) => DomainEvent)[] = [];
    const { issuer, subject } = identity;
    const named = { issuer: { after: issuer }, subject: { after: subject } };

    let user = await identities.findByIdentity(tx, issuer, subject);
    if (!user) {
      user = await this.findByEmail(tx, identity, grants);
      if (user) {
        // The password may have been chosen by someone else who got hold of the invitation.
        if (user.enabled) user = await identities.takeOver(tx, user.id);
        happened.push((linked) => domainEvent('user.identity_linked', linked, named));
      } else {
        user = await this.create(tx, identity, grants);
        const email = { after: user.email };
        happened.push((created) => domainEvent('user.created', created, { email, ...named }));
      }
      await identities.link(tx, identity, user.id, new Date(this.deps.clock.now()));
    }
    if (!user.enabled) throw new SignInRefused('disabled');

    const [before, after] = [shown(await identities.externalGrants(tx, user.id)), shown(grants)];
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      await identities.replaceExternalGrants(tx, user.id, grants);
      const changes = { grants: { before, after }, source: { after: 'oidc' } };
      happened.push((changed) => domainEvent('user.group_roles_changed', changed, changes));
    }
    const about: Subject = { type: 'User', id: user.id, name: user.name };
    await events.record(tx, { actor: SYSTEM_ACTOR, ip }, ...happened.map((event) => event(about)));
    return user;
  }

  /** The account with the same address; only a verified address can match. */
  private async findByEmail(
    tx: Transaction,
    { email, emailVerified, issuer }: Identity,
    grants: readonly ExternalGrant[],
  ): Promise<User | null> {
    const user = email === null ? null : await this.deps.identities.findByEmail(tx, email);
    if (!user) return null;
    // Do not reveal accounts to people without a mapped group who can claim any address.
    if (!emailVerified) throw new SignInRefused(grants.length > 0 ? 'email_unverified' : 'not_allowed');
    if (!user.enabled) throw new SignInRefused('disabled');
    if (await this.deps.identities.isLinked(tx, user.id, issuer)) {
      throw new SignInRefused('identity_conflict');
    }
    return user;
  }

  private async create(
    tx: Transaction,
    { email, emailVerified, name }: Identity,
    grants: readonly ExternalGrant[],
  ): Promise<User> {
    const { users, installation, identities, invitations, clock } = this.deps;
    const now = new Date(clock.now());
    // An invited person can also sign in this way, and gets the grants of the invitation on accepting it.
    const invited = email !== null && emailVerified && (await invitations.isInvited(tx, email, now));
    if (grants.length === 0 && !invited) throw new SignInRefused('not_allowed');
    if (email === null) throw new SignInRefused('email_missing');
    if (!(await users.exists(tx))) {
      await installation.lock(tx);
      // The first user ends the setup link, so that user must be able to do everything an owner can.
      if (!(await users.exists(tx)) && !grants.some((grant) => grant.isOwner)) {
        throw new SignInRefused('setup_required');
      }
      await installation.clearSetUpToken(tx);
    }
    return identities.add(tx, { email, name }, now);
  }

  private async grantsOf(tx: Transaction, { groups }: Identity): Promise<ExternalGrant[]> {
    const brought = await this.deps.groupRoles.broughtBy(tx, groups);
    const wanted = brought.flatMap(({ roleId, scopeId }) => (roleId === null ? [] : { roleId, scopeId }));
    const grants = await this.deps.identities.grantsFor(tx, wanted);
    for (const { name, roleId, scopeId } of brought) {
      if (grants.some((grant) => grant.roleId === roleId && grant.scopeId === scopeId)) continue;
      this.deps.log(
        `OIDC_GROUP_ROLES names the role ${name} at ${scopeId}, but the role or scope does not exist.`,
      );
    }
    return grants;
  }
}
