import type { RequestContext } from '../access/principal.js';

/** Writes the session cookie of the answer; where there is no answer to write to, it does nothing. */
export interface SessionCookies {
  set(token: string, expiresAt: Date): void;
  clear(): void;
}

/** What the resolvers of sign-in get beside the usual. */
export interface SessionRequestContext extends RequestContext {
  readonly cookies: SessionCookies;
}
