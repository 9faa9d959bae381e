import type { RequestContext } from '../access/principal.js';

/** Writes the session cookie of the answer; where there is no answer to write to, it does nothing. */
export interface SessionCookies {
  set(token: string, expiresAt: Date): void;
  clear(): void;
}

/** The device that a request comes from. */
export interface RequestDevice {
  /** Its id, if this account signed in on it before; else null. */
  idFor(email: string): string | null;
  /** Makes it known to an account that has just signed in on it. */
  remember(email: string): void;
}

/** What the resolvers of sign-in get beside the usual. */
export interface SessionRequestContext extends RequestContext {
  readonly cookies: SessionCookies;
  readonly device: RequestDevice;
}
