import type { HeaderBag } from './header-values.js';
import type { ReceivedContent } from './received-content.js';

/** The parts of a request that signatures cover, as sent. */
export interface SignedRequest {
  readonly method: string | null;
  /** Path and query, neither decoded nor normalized. */
  readonly url: string | null;
  /** Names in lower case; values are strings, lists of strings, or anything else, which counts as unsignable. */
  readonly headers: HeaderBag;
  /** Host and port that the client called; defaults to the `Host` header. */
  readonly authority?: string | null;
  /** `http` or `https`, as called by the client; required to cover `@scheme` or `@target-uri`. */
  readonly scheme?: string | null;
  /** What is known about the received body. */
  readonly content?: ReceivedContent | null;
}
