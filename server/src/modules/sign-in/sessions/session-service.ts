import type { InTransaction, Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { ID_PREFIXES, isId, newId } from '../../../core/id.js';
import { logLine } from '../../../core/redact.js';
import { hashToken, isToken, mintToken } from '../../../core/random-token.js';
import type { Actor } from '../../access/decide/actor.js';
import type { Directory } from '../../access/decide/directory.js';
import type { Principal, RequestContext } from '../../access/decide/principal.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent, type DomainEvent, type Subject } from '../../events/domain-event.js';
import type { User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
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

/** The user as an actor. */
export const actorOf = (user: Pick<User, 'id' | 'name'>): Actor => ({
  kind: 'USER',
  id: user.id,
  name: user.name,
});

const sessionsEnded = ({ id, name }: Pick<User, 'id' | 'name'>, ended: number): DomainEvent[] =>
  ended === 0
    ? []
    : [domainEvent('user.sessions_ended', { type: 'User', id, name }, { ended: { after: ended } })];

const sessionOf = (id: string, { name }: Actor): Subject => ({ type: 'Session', id, name });

export interface SessionServiceDeps {
  readonly inTransaction: InTransaction;
  readonly clock: Clock;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly events: EventRecorder;
  readonly changes: Changes;
  readonly directory: Directory;
}

/** Starts and ends sessions, and authenticates their tokens. */
export class SessionService {
  private readonly memory: SessionMemory;
  private changes = 0;

  constructor(private readonly deps: SessionServiceDeps) {
    this.memory = new SessionMemory(deps.clock);
  }

  /**
   * Incremented whenever this process may have ended sessions or reduced their permissions: earlier checks no longer
   * count.
   */
  get generation(): number {
    return this.changes;
  }

  /** Drops cached sessions after users or their permissions changed. */
  forget(): void {
    this.memory.forget();
    this.changes += 1;
  }

  /** Runs a change of sessions or their permissions in one transaction, then drops all cached sessions. */
  async change<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.deps.inTransaction(work);
    } finally {
      this.forget();
    }
  }

  /** Runs a sign-in in one transaction; it ends a session only if the request has one. */
  signIn<T>(context: RequestContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return context.principal?.sessionId ? this.change(work) : this.deps.inTransaction(work);
  }

  /**
   * Signs in a user of the identity provider, in one transaction with finding them; ends the session of the request, if
   * any.
   */
  signInExternally(
    find: (tx: Transaction) => Promise<User>,
    context: RequestContext,
  ): Promise<IssuedSession> {
    return this.change(async (tx) => {
      const user = await find(tx);
      await this.replace(tx, context.principal);
      return this.start(tx, user, context, 'OIDC');
    });
  }

  /** Starts a session with a new id, inside the transaction of the sign-in. */
  async start(
    tx: Transaction,
    user: User,
    context: RequestContext,
    method: SignInMethod = 'PASSWORD',
  ): Promise<IssuedSession> {
    const now = this.deps.clock.now();
    const token = mintToken();
    const id = newId(ID_PREFIXES.session, now);
    const expiresAt = new Date(now + SESSION_LIFETIME_MS);
    await this.deps.sessions.add(tx, {
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
    await this.deps.users.noteSignIn(tx, user.id, new Date(now));
    const how = method === 'OIDC' ? { method: { after: 'oidc' } } : {};
    const actor = actorOf(user);
    const signedIn = domainEvent('user.signed_in', sessionOf(id, actor), how);
    await this.deps.events.record(tx, { actor, ip: context.ip }, signedIn);
    return { id, token, expiresAt, user: { ...user, lastSignInAt: new Date(now) } };
  }

  /** Ends the session of the sign-in request, inside the transaction that starts the next one. */
  async replace(tx: Transaction, former: Principal | null): Promise<void> {
    if (former?.sessionId) await this.deps.sessions.remove(tx, former.sessionId);
  }

  /** Ends the session of the caller; false if there is none. */
  async signOut(principal: Principal | null): Promise<boolean> {
    const id = principal?.sessionId;
    return principal && id ? this.endOwn(principal, id) : false;
  }

  /** Ends one session of the caller; false if none of theirs has this id. */
  async endOwn(principal: Principal, id: string): Promise<boolean> {
    const userId = principal.actor.id;
    if (userId === null || !isId(ID_PREFIXES.session, id)) return false;
    return this.change(async (tx) => {
      const removed = await this.deps.sessions.removeOwn(tx, userId, id);
      const signedOut = domainEvent('user.signed_out', sessionOf(id, principal.actor), {});
      if (removed) await this.deps.events.record(tx, principal, signedOut);
      return removed;
    });
  }

  /** Ends all own sessions except one; returns their number. */
  endAll(user: Pick<User, 'id' | 'name'>, except: string | null, by: Principal): Promise<number> {
    return this.change(async (tx) => {
      const ended = await this.removeAll(tx, user.id, except);
      await this.deps.events.record(tx, by, ...sessionsEnded(user, ended));
      return ended;
    });
  }

  /**
   * Ends all sessions of another user, whom `judge` finds if the caller can manage them; returns their number. Errors:
   * those of `judge`, CONFLICT.
   */
  async endAllOf(by: Principal, judge: (tx: Transaction) => Promise<User>): Promise<number> {
    try {
      return await this.deps.changes.apply(by, async (tx) => {
        const user = await judge(tx);
        const ended = await this.removeAll(tx, user.id, null);
        return { value: ended, events: sessionsEnded(user, ended) };
      });
    } finally {
      this.forget();
    }
  }

  /** Ends all sessions of a user except one, inside a transaction, run by {@link change}, that records its own event. */
  removeAll(tx: Transaction, userId: string, except: string | null): Promise<number> {
    return this.deps.sessions.removeOf(tx, userId, except, new Date(this.deps.clock.now()));
  }

  /** Live sessions of a user, newest first. */
  listOf(userId: string): Promise<OwnSession[]> {
    return this.deps.sessions.listOf(userId, new Date(this.deps.clock.now()));
  }

  /**
   * The caller of a session token, with at most one query; null if the session has ended or never existed, or its user
   * is disabled. Changes of other processes take effect within a second.
   */
  async authenticate(token: string, ip: string | null): Promise<Principal | null> {
    if (!isToken(token)) return null;
    const hash = hashToken(token);
    const read = (): Promise<LiveSession | null> => this.seen(this.deps.sessions.findByToken(hash));
    return this.principalOf(await this.memory.get(hash.toString('base64'), read), ip);
  }

  /** The current caller of a session; null if the session has ended. For work that outlives a request. */
  async refresh(sessionId: string, ip: string | null): Promise<Principal | null> {
    return this.principalOf(await this.seen(this.deps.sessions.findById(sessionId)), ip);
  }

  /** Like {@link refresh}, inside a transaction. */
  async refreshIn(tx: Transaction, sessionId: string, ip: string | null): Promise<Principal | null> {
    return this.principalOf(await this.deps.sessions.findById(sessionId, tx), ip);
  }

  /**
   * Whether this session can only enroll a second factor; reads the same state that its permissions are derived from.
   */
  async isTwoFactorDue(sessionId: string): Promise<boolean> {
    return (await this.deps.sessions.findById(sessionId))?.twoFactorDue ?? false;
  }

  /** Deletes ended sessions. */
  prune(): Promise<void> {
    return this.deps.sessions.prune(new Date(this.deps.clock.now()));
  }

  /** Records the use of a session, at most once a minute. */
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
    // While a second factor is due, this session can only enroll one.
    const access = this.deps.directory.expand(session.twoFactorDue ? [] : session.grants);
    return {
      actor: actorOf({ id: session.userId, name: session.userName }),
      access,
      ip,
      sessionId: session.id,
      customerId: access.customerId,
    };
  }
}
