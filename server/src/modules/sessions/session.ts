import type { StoredGrant } from '../access/directory.js';
import type { User } from '../users/user.js';

/** Longest life of a session, however busy it is. */
export const SESSION_LIFETIME_MS = 7 * 86_400_000;

/** A session that nobody used for this long has ended. */
export const SESSION_IDLE_MS = 86_400_000;

/** How often the time of last use is written. */
export const SEEN_INTERVAL_MS = 60_000;

/** How a session began: with a password, or at the identity provider, which asks for second factors itself. */
export type SignInMethod = 'PASSWORD' | 'OIDC';

/** A signed-in session as it is read for each request; its token is only ever stored as SHA-256. */
export interface LiveSession {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly grants: readonly StoredGrant[];
  /** A second factor is required, and the user has none: nothing but enrolling is allowed. */
  readonly twoFactorDue: boolean;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

/** A session as its user may see it. */
export interface OwnSession {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** A session just made: the only time that its token is known. */
export interface IssuedSession {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: Date;
  readonly user: User;
}

/** Whether the session still holds: neither past its end nor idle for too long. */
export const isLive = (session: Pick<LiveSession, 'expiresAt' | 'lastSeenAt'>, now: number): boolean =>
  now < session.expiresAt.getTime() && now < session.lastSeenAt.getTime() + SESSION_IDLE_MS;
