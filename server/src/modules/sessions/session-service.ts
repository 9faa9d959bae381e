import type { DataSource, EntityManager } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import { ID_PREFIXES, isId, newId } from '../../core/id.js';
import { logLine } from '../../core/redact.js';
import { hashToken, isToken, mintToken } from '../../core/random-token.js';
import type { Actor } from '../access/actor.js';
import type { Directory } from '../access/directory.js';
import type { Principal, RequestContext } from '../access/principal.js';
import type { AuditRecord } from '../audit/audit-event.js';
import type { AuditRecorder } from '../audit/audit-recorder.js';
import type { ChangeRunner, Noted } from '../audit/change-runner.js';
import type { User } from '../users/user.js';
import type { UserStore } from '../users/user-store.js';
import {
  isLive,
  SEEN_INTERVAL_MS,
  SESSION_LIFETIME_MS,
  type IssuedSession,
  type LiveSession,
  type OwnSession,
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

const notedEnd = ({ id, name }: Pick<User, 'id' | 'name'>, ended: number): Noted | null =>
  ended === 0
    ? null
    : {
        action: 'user.sessionsEnd',
        targetType: 'User' as const,
        targetId: id,
        targetName: name,
        changes: { ended: { after: ended } },
      };

/** What the session service works with. */
export interface SessionServiceDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditRecorder;
  readonly changes: ChangeRunner;
  readonly directory: Directory;
}

/** Starts and ends sessions, and tells whose session a token is. */
export class SessionService {
  private readonly memory: SessionMemory;
  private changes = 0;

  constructor(private readonly deps: SessionServiceDeps) {
    this.memory = new SessionMemory(deps.clock);
  }

  /** Grows whenever sessions may have ended, or may do less, by this process: what was checked before counts no more. */
  get generation(): number {
    return this.changes;
  }

  /** Looks everything up again: users, or what they may do, have changed. */
  forget(): void {
    this.memory.forget();
    this.changes += 1;
  }

  /** Runs a change of sessions, or of what they may do, in one transaction; afterwards nothing remembered counts. */
  async change<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.deps.dataSource.transaction(work);
    } finally {
      this.forget();
    }
  }

  /** Runs a sign-in in one transaction; only one that comes with a session ends one. */
  signIn<T>(context: RequestContext, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return context.principal?.sessionId ? this.change(work) : this.deps.dataSource.transaction(work);
  }

  /**
   * Signs in whomever the identity provider vouches for, in one transaction with finding them; the session of the request,
   * if any, ends.
   */
  signInExternally(
    find: (manager: EntityManager) => Promise<User>,
    context: RequestContext,
  ): Promise<IssuedSession> {
    return this.change(async (manager) => {
      const user = await find(manager);
      await this.replace(manager, context.principal);
      return this.start(manager, user, context, 'OIDC');
    });
  }

  /** Starts a session with a new id inside the transaction of what led to it. */
  async start(
    manager: EntityManager,
    user: User,
    context: RequestContext,
    method: SignInMethod = 'PASSWORD',
  ): Promise<IssuedSession> {
    const now = this.deps.clock.now();
    const token = mintToken();
    const id = newId(ID_PREFIXES.session, now);
    const expiresAt = new Date(now + SESSION_LIFETIME_MS);
    await this.deps.sessions.add(manager, {
      id,
      tokenHash: hashToken(token),
      userId: user.id,
      createdAt: new Date(now),
      lastSeenAt: new Date(now),
      expiresAt,
      ip: context.ip,
      userAgent: logLine(context.userAgent, MAX_USER_AGENT),
      method,
    });
    await this.deps.users.noteSignIn(manager, user.id, new Date(now));
    const how: AuditRecord['changes'] = method === 'OIDC' ? { method: { after: 'oidc' } } : {};
    await this.record(manager, actorOf(user), 'session.create', id, context.ip, how);
    return { id, token, expiresAt, user: { ...user, lastSignInAt: new Date(now) } };
  }

  /** Ends the session that a sign-in came with, inside the transaction that starts the next one. */
  async replace(manager: EntityManager, former: Principal | null): Promise<void> {
    if (former?.sessionId) await this.deps.sessions.remove(manager, former.sessionId);
  }

  /** Ends the session of the caller; false when there is none. */
  async signOut(principal: Principal | null): Promise<boolean> {
    const id = principal?.sessionId;
    return principal && id ? this.endOwn(principal, id) : false;
  }

  /** Ends one session of the caller; false when it is not one of theirs, or there is no such session. */
  async endOwn(principal: Principal, id: string): Promise<boolean> {
    const userId = principal.actor.id;
    if (userId === null || !isId(ID_PREFIXES.session, id)) return false;
    return this.change(async (manager) => {
      const removed = await this.deps.sessions.removeOwn(manager, userId, id);
      if (removed) await this.record(manager, principal.actor, 'session.end', id, principal.ip);
      return removed;
    });
  }

  /** Ends all own sessions, but for the one named; how many. */
  endAll(user: Pick<User, 'id' | 'name'>, except: string | null, by: Principal): Promise<number> {
    return this.change(async (manager) => {
      const ended = await this.removeAll(manager, user.id, except);
      const noted = notedEnd(user, ended);
      if (noted) await this.deps.audit.record(manager, { ...noted, actor: by.actor, ip: by.ip });
      return ended;
    });
  }

  /** Ends all sessions of somebody else, whom `judge` finds and lets the caller manage; how many. Errors: those of `judge`, CONFLICT. */
  async endAllOf(by: Principal, judge: (manager: EntityManager) => Promise<User>): Promise<number> {
    try {
      return await this.deps.changes.apply(by, async (manager) => {
        const user = await judge(manager);
        const ended = await this.removeAll(manager, user.id, null);
        return { value: ended, noted: notedEnd(user, ended) };
      });
    } finally {
      this.forget();
    }
  }

  /** The same inside a transaction, run by {@link change}, that has an audit event of its own. */
  removeAll(manager: EntityManager, userId: string, except: string | null): Promise<number> {
    return this.deps.sessions.removeOf(manager, userId, except, new Date(this.deps.clock.now()));
  }

  /** Sessions of a user that still live, latest first. */
  listOf(userId: string): Promise<OwnSession[]> {
    return this.deps.sessions.listOf(userId, new Date(this.deps.clock.now()));
  }

  /**
   * Whose token this is, with at most one query; null when the session ended, never was, or its user is disabled. What
   * changed in another process counts within a second.
   */
  async authenticate(token: string, ip: string | null): Promise<Principal | null> {
    if (!isToken(token)) return null;
    const hash = hashToken(token);
    const read = (): Promise<LiveSession | null> => this.seen(this.deps.sessions.findByToken(hash));
    return this.principalOf(await this.memory.get(hash.toString('base64'), read), ip);
  }

  /** The caller of a session as it is now; null once the session has ended. For what outlives one request. */
  async refresh(sessionId: string, ip: string | null): Promise<Principal | null> {
    return this.principalOf(await this.seen(this.deps.sessions.findById(sessionId)), ip);
  }

  /** The same, read in a transaction. */
  async refreshIn(manager: EntityManager, sessionId: string, ip: string | null): Promise<Principal | null> {
    return this.principalOf(await this.deps.sessions.findById(sessionId, manager), ip);
  }

  /** Whether this session may do nothing but enrol a second factor: judged by what its permissions are judged by. */
  async isTwoFactorDue(sessionId: string): Promise<boolean> {
    return (await this.deps.sessions.findById(sessionId))?.twoFactorDue ?? false;
  }

  /** Deletes sessions that have ended. */
  prune(): Promise<void> {
    return this.deps.sessions.prune(new Date(this.deps.clock.now()));
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
    // While a second factor is due, there is nothing that this session may do but enrol one.
    const access = this.deps.directory.expand(session.twoFactorDue ? [] : session.grants);
    return {
      actor: actorOf({ id: session.userId, name: session.userName }),
      access,
      ip,
      sessionId: session.id,
      customerId: access.customerId,
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
    const target = { targetType: 'Session' as const, targetId: id, targetName: actor.name };
    return this.deps.audit.record(manager, { actor, action, ...target, ip, changes });
  }
}
