import type { EntityManager } from 'typeorm';
import type { Clock } from '../../../core/clock.js';
import { SYSTEM_ACTOR } from '../../access/decide/actor.js';
import type { RequestContext } from '../../access/decide/principal.js';
import type { AuditRecord } from '../../audit/audit-event.js';
import type { AuditRecorder } from '../../audit/audit-recorder.js';
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
  readonly audit: AuditRecorder;
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
      this.deps.sessions.signInExternally((manager) => this.admit(manager, identity, context.ip), context);
    try {
      return await attempt();
    } catch (error) {
      // A concurrent sign-in created a user with the same address: the next attempt finds it.
      if (isUniqueViolation(error)) return attempt();
      throw error;
    }
  }

  private async admit(manager: EntityManager, identity: Identity, ip: string | null): Promise<User> {
    const { identities, audit } = this.deps;
    await identities.lock(manager, identity.issuer, identity.subject);
    const grants = await this.grantsOf(manager, identity);
    const records: Omit<AuditRecord, 'actor' | 'ip' | 'targetType' | 'targetId' | 'targetName'>[] = [];
    const { issuer, subject } = identity;
    const named = { issuer: { after: issuer }, subject: { after: subject } };

    let user = await identities.findByIdentity(manager, issuer, subject);
    if (!user) {
      user = await this.findByEmail(manager, identity, grants);
      if (user) {
        // The password may have been chosen by someone else who got hold of the invitation.
        if (user.enabled) user = await identities.takeOver(manager, user.id);
        records.push({ action: 'user.link', changes: named });
      } else {
        user = await this.create(manager, identity, grants);
        records.push({ action: 'user.create', changes: { email: { after: user.email }, ...named } });
      }
      await identities.link(manager, identity, user.id, new Date(this.deps.clock.now()));
    }
    if (!user.enabled) throw new SignInRefused('disabled');

    const [before, after] = [shown(await identities.externalGrants(manager, user.id)), shown(grants)];
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      await identities.replaceExternalGrants(manager, user.id, grants);
      records.push({
        action: 'user.grants',
        changes: { grants: { before, after }, source: { after: 'oidc' } },
      });
    }
    const target = { targetType: 'User' as const, targetId: user.id, targetName: user.name };
    for (const record of records)
      await audit.record(manager, { actor: SYSTEM_ACTOR, ip, ...target, ...record });
    return user;
  }

  /** The account with the same address; only a verified address can match. */
  private async findByEmail(
    manager: EntityManager,
    { email, emailVerified, issuer }: Identity,
    grants: readonly ExternalGrant[],
  ): Promise<User | null> {
    const user = email === null ? null : await this.deps.identities.findByEmail(manager, email);
    if (!user) return null;
    // Do not reveal accounts to people without a mapped group who can claim any address.
    if (!emailVerified) throw new SignInRefused(grants.length > 0 ? 'email_unverified' : 'not_allowed');
    if (!user.enabled) throw new SignInRefused('disabled');
    if (await this.deps.identities.isLinked(manager, user.id, issuer)) {
      throw new SignInRefused('identity_conflict');
    }
    return user;
  }

  private async create(
    manager: EntityManager,
    { email, emailVerified, name }: Identity,
    grants: readonly ExternalGrant[],
  ): Promise<User> {
    const { users, installation, identities, invitations, clock } = this.deps;
    const now = new Date(clock.now());
    // An invited person can also sign in this way, and gets the grants of the invitation on accepting it.
    const invited = email !== null && emailVerified && (await invitations.isInvited(manager, email, now));
    if (grants.length === 0 && !invited) throw new SignInRefused('not_allowed');
    if (email === null) throw new SignInRefused('email_missing');
    if (!(await users.exists(manager))) {
      await installation.lock(manager);
      // The first user ends the setup link, so that user must be able to do everything an owner can.
      if (!(await users.exists(manager)) && !grants.some((grant) => grant.isOwner)) {
        throw new SignInRefused('setup_required');
      }
      await installation.clearSetUpToken(manager);
    }
    return identities.add(manager, { email, name }, now);
  }

  private async grantsOf(manager: EntityManager, { groups }: Identity): Promise<ExternalGrant[]> {
    const brought = await this.deps.groupRoles.broughtBy(manager, groups);
    const wanted = brought.flatMap(({ roleId, scopeId }) => (roleId === null ? [] : { roleId, scopeId }));
    const grants = await this.deps.identities.grantsFor(manager, wanted);
    for (const { name, roleId, scopeId } of brought) {
      if (grants.some((grant) => grant.roleId === roleId && grant.scopeId === scopeId)) continue;
      this.deps.log(
        `OIDC_GROUP_ROLES names the role ${name} at ${scopeId}, but the role or scope does not exist.`,
      );
    }
    return grants;
  }
}
