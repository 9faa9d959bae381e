import type { DataSource, EntityManager } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { Actor } from '../access/actor.js';
import { PermissionSet } from '../access/permission.js';
import type { Principal, RequestContext } from '../access/principal.js';
import type { AuditRecord } from '../audit/audit-event.js';
import type { AuditRecorder } from '../audit/audit-recorder.js';
import type { User } from '../users/user.js';
import type { UserStore } from '../users/user-store.js';
import type { Attempts } from './attempts.js';
import type { PasswordHasher } from './password.js';
import {
  hashSessionToken,
  isLive,
  isSessionToken,
  mintSessionToken,
  SEEN_INTERVAL_MS,
  SESSION_LIFETIME_MS,
  type IssuedSession,
  type LiveSession,
  type SignInMethod,
} from './session.js';
import { SessionMemory } from './session-memory.js';
import type { SessionStore } from './session-store.js';

const MAX_USER_AGENT = 300;

/** The user as the doer of a change. */
export const actorOf = (user: Pick<User, 'id' | 'name'>): Actor => ({
  kind: 'USER',
  id: user.id,
  name: user.name,
});

/** What the session service works with. */
export interface SessionServiceDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly attempts: Attempts;
  readonly passwords: PasswordHasher;
  readonly audit: AuditRecorder;
}

/** Signs users in and out, and tells whose session a token is. */
export class SessionService {
  private readonly memory: SessionMemory;

  constructor(private readonly deps: SessionServiceDeps) {
    this.memory = new SessionMemory(deps.clock);
  }

  /**
   * Checks the password and starts a session with a new id; the session of the request, if any, ends. Errors:
   * UNAUTHENTICATED in one wording and one time for every reason, TOO_MANY_ATTEMPTS.
   */
  async signIn(email: string, password: string, context: RequestContext): Promise<IssuedSession> {
    const { attempts, users, passwords, dataSource } = this.deps;
    await attempts.begin(email, context.ip);
    const found = await users.findCredentials(email);
    const right = await passwords.matches(found?.passwordHash ?? null, password);
    if (!found || !right || !found.user.enabled) {
      throw new AppError('UNAUTHENTICATED', 'The e-mail address or the password is not right.');
    }
    await attempts.succeed(email, context.ip);
    const former = context.principal?.sessionId;
    const session = await dataSource.transaction(async (manager) => {
      if (former) await this.deps.sessions.remove(manager, former);
      return this.start(manager, found.user, context);
    });
    this.memory.forget();
    return session;
  }

  /**
   * Signs in whomever the identity provider vouches for, in one transaction with finding them; the session of the request,
   * if any, ends.
   */
  async signInExternally(
    find: (manager: EntityManager) => Promise<User>,
    context: RequestContext,
  ): Promise<IssuedSession> {
    const former = context.principal?.sessionId;
    const session = await this.deps.dataSource.transaction(async (manager) => {
      const user = await find(manager);
      if (former) await this.deps.sessions.remove(manager, former);
      return this.start(manager, user, context, 'OIDC');
    });
    this.memory.forget();
    return session;
  }

  /** Starts a session inside the transaction of what led to it. */
  async start(
    manager: EntityManager,
    user: User,
    context: RequestContext,
    method: SignInMethod = 'PASSWORD',
  ): Promise<IssuedSession> {
    const now = this.deps.clock.now();
    const token = mintSessionToken();
    const id = newId(ID_PREFIXES.session, now);
    const expiresAt = new Date(now + SESSION_LIFETIME_MS);
    await this.deps.sessions.add(manager, {
      id,
      tokenHash: hashSessionToken(token),
      userId: user.id,
      createdAt: new Date(now),
      lastSeenAt: new Date(now),
      expiresAt,
      ip: context.ip,
      userAgent: context.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
      method,
    });
    await this.deps.users.noteSignIn(manager, user.id, new Date(now));
    const how: AuditRecord['changes'] = method === 'OIDC' ? { method: { after: 'oidc' } } : {};
    await this.record(manager, actorOf(user), 'session.create', id, context.ip, how);
    return { id, token, expiresAt, user: { ...user, lastSignInAt: new Date(now) } };
  }

  /** Ends the session of the caller; false when there is none. */
  async signOut(principal: Principal | null): Promise<boolean> {
    const id = principal?.sessionId;
    if (!principal || !id) return false;
    const ended = await this.deps.dataSource.transaction(async (manager) => {
      const removed = await this.deps.sessions.remove(manager, id);
      if (removed) await this.record(manager, principal.actor, 'session.end', id, principal.ip);
      return removed;
    });
    this.memory.forget();
    return ended;
  }

  /**
   * Whose token this is, with at most one query; null when the session ended, never was, or its user is disabled. What
   * changed in another process counts within a second.
   */
  async authenticate(token: string, ip: string | null): Promise<Principal | null> {
    if (!isSessionToken(token)) return null;
    const hash = hashSessionToken(token);
    const read = (): Promise<LiveSession | null> => this.seen(this.deps.sessions.findByToken(hash));
    return this.principalOf(await this.memory.get(hash.toString('base64'), read), ip);
  }

  /** The caller of a session as it is now; null once the session has ended. For what outlives one request. */
  async refresh(sessionId: string, ip: string | null): Promise<Principal | null> {
    return this.principalOf(await this.seen(this.deps.sessions.findById(sessionId)), ip);
  }

  /** Deletes what has ended: sessions and counts of guesses. */
  async prune(): Promise<void> {
    await this.deps.sessions.prune(new Date(this.deps.clock.now()));
    await this.deps.attempts.prune();
  }

  /** Notes that the session is used, at most once a minute. */
  private async seen(found: Promise<LiveSession | null>): Promise<LiveSession | null> {
    const session = await found;
    const now = this.deps.clock.now();
    if (session && isLive(session, now) && now - session.lastSeenAt.getTime() >= SEEN_INTERVAL_MS) {
      await this.deps.sessions.noteSeen(session.id, new Date(now));
    }
    return session;
  }

  private principalOf(session: LiveSession | null, ip: string | null): Principal | null {
    if (!session || !isLive(session, this.deps.clock.now())) return null;
    return {
      actor: actorOf({ id: session.userId, name: session.userName }),
      permissions: new PermissionSet(session.permissions),
      ip,
      sessionId: session.id,
    };
  }

  private record(
    manager: EntityManager,
    actor: Actor,
    action: string,
    id: string,
    ip: string | null,
    changes: AuditRecord['changes'] = {},
  ): Promise<void> {
    const target = { targetType: 'session', targetId: id, targetName: actor.name };
    return this.deps.audit.record(manager, { actor, action, ...target, ip, changes });
  }
}
