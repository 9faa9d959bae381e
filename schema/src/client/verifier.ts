import type { Environment } from '../verification/environment.js';
import type { LimitState } from '../verification/verdict-http.js';
import type { RefusedCode } from '../verification/verdicts.js';

export type { Environment };

/** The request that presents a key. */
export interface DescribedRequest {
  readonly method?: string;
  /** Path and query, or the full URL, neither decoded nor normalized. */
  readonly url?: string;
  /** Names in any case; repeated headers as lists, as in Node's `headersDistinct`. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly ip?: string;
  /** Digests of the body, as in `Content-Digest` (RFC 9530), to compare with the signed ones. */
  readonly contentDigest?: string;
}

/** One question: can this key do this, here and now? Either `key` or `request.headers` carries the credential. */
export interface VerifyQuestion {
  readonly key?: string;
  readonly request?: DescribedRequest;
  /** PRODUCTION if absent. */
  readonly environment?: Environment;
  /** Any one of them suffices; absent: any valid key. */
  readonly permission?: string | readonly string[];
  /** Id of the scope at which the key needs the permission. */
  readonly scope?: string;
  /** Units charged to the limits; 1 if absent. */
  readonly cost?: number;
  /** Your own id for the request, echoed in the answer. */
  readonly requestId?: string;
}

/** The key is accepted. Times are RFC 3339. */
export interface AcceptedAnswer {
  readonly valid: true;
  readonly code: 'VALID';
  readonly status: 200;
  readonly requestId: string;
  readonly keyId: string;
  readonly name: string;
  readonly environment: Environment;
  readonly serviceAccountId: string | null;
  /** The permissions of the key at the requested scope. */
  readonly permissions: readonly string[];
  /** The scopes at which it has the requested permission. */
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly limits: readonly LimitState[];
  readonly retryAfter: null;
  /**
   * For a signed request: the signature profile, and whether the signature covers the body: not at all (`UNSIGNED`), by a digest
   * that was not compared yet (`UNCHECKED`), or by a digest that was compared (`CHECKED`).
   */
  readonly signature?: {
    readonly profile: 'TIMESTAMP' | 'EXPIRY' | 'RFC9421';
    readonly body: 'UNSIGNED' | 'UNCHECKED' | 'CHECKED';
  };
}

/** The key is rejected. `status` is what a protected API responds with. */
export interface RefusedAnswer {
  readonly valid: false;
  readonly code: RefusedCode;
  readonly status: 401 | 403 | 429;
  readonly requestId: string;
  /** Message for the caller. */
  readonly message: string;
  /** In seconds; null if waiting does not help. */
  readonly retryAfter: number | null;
  /** With 429 only. */
  readonly limits?: readonly LimitState[];
  /** Present only once the credential was proven. */
  readonly keyId?: string;
}

/** The answer to a {@link VerifyQuestion}. */
export type VerifyAnswer = AcceptedAnswer | RefusedAnswer;

/** A question of a batch without a verdict; the request must be denied. */
export interface UndecidedAnswer {
  readonly valid: false;
  readonly code: 'UNAVAILABLE';
  readonly status: 503;
  readonly requestId: string;
  readonly message: string;
  readonly retryAfter: number | null;
}

export interface VerifyOptions {
  /** Cancels the verification when aborted: error ABORTED. */
  readonly signal?: AbortSignal;
}

/** Answers questions: the HTTP client or the local verifier. */
export interface Verifier {
  /** The verdict. Error: a KeywrightError if none could be reached; the request must then be denied. */
  verify(question: VerifyQuestion, options?: VerifyOptions): Promise<VerifyAnswer>;
}
