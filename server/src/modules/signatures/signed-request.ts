import type { HeaderBag } from './header-values.js';
import type { ReceivedContent } from './received-content.js';

/** The parts of a request that signatures are about, as they were sent. */
export interface SignedRequest {
  readonly method: string | null;
  /** Path and query, neither decoded nor normalised. */
  readonly url: string | null;
  /** Names in lower case; values texts, lists of texts, or anything else, which counts as none that can be signed. */
  readonly headers: HeaderBag;
  /** Host and port that the client called; taken from the `Host` header when not given. */
  readonly authority?: string | null;
  /** `http` or `https`, as the client called; without it neither `@scheme` nor `@target-uri` can be covered. */
  readonly scheme?: string | null;
  /** What is known of the body as it was received. */
  readonly content?: ReceivedContent | null;
}
