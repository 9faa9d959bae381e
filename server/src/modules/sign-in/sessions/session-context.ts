import type { RequestContext } from '../../access/decide/principal.js';

/** Writes the session cookie of the response; does nothing if there is no HTTP response. */
export interface SessionCookies {
  set(token: string, expiresAt: Date): void;
  clear(): void;
}

/** The device of a request. */
export interface RequestDevice {
  /** Its id if this account has signed in on it before; otherwise null. */
  idFor(email: string): string | null;
  /** Adds an account that has just signed in on it. */
  remember(email: string): void;
}

/** The request context of the sign-in resolvers. */
export interface SessionRequestContext extends RequestContext {
  readonly cookies: SessionCookies;
  readonly device: RequestDevice;
}
