import type { StoredGrant } from '../../access/decide/directory.js';
import type { User } from '../../users/user.js';

/** Maximum lifetime of a session, in milliseconds, even in constant use. */
export const SESSION_LIFETIME_MS = 7 * 86_400_000;

/** A session ends after this time without use, in milliseconds. */
export const SESSION_IDLE_MS = 86_400_000;

/** Minimum interval between updates of the last-used time, in milliseconds. */
export const SEEN_INTERVAL_MS = 60_000;

/** How a session started: with a password, or at the identity provider, which requires second factors itself. */
export type SignInMethod = 'PASSWORD' | 'OIDC';

/** A signed-in session as read for each request; only the SHA-256 of its token is stored. */
export interface LiveSession {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly grants: readonly StoredGrant[];
  /** A second factor is required and the user has none: only enrollment is allowed. */
  readonly twoFactorDue: boolean;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

/** A session as shown to its user. */
export interface OwnSession {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** A newly created session. Its token is known only now. */
export interface IssuedSession {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: Date;
  readonly user: User;
}

/** Whether the session is live: neither expired nor idle for too long. */
export const isLive = (session: Pick<LiveSession, 'expiresAt' | 'lastSeenAt'>, now: number): boolean =>
  now < session.expiresAt.getTime() && now < session.lastSeenAt.getTime() + SESSION_IDLE_MS;
