import type { LimitState } from '../verdict-http.js';
import type { VerdictCode } from '../verdicts.js';

/** Where a key may be used. */
export type Environment = 'PRODUCTION' | 'STAGING' | 'DEVELOPMENT';

/** The request that a key came with. */
export interface DescribedRequest {
  readonly method?: string;
  /** Path and query, or the whole URL, neither decoded nor normalised. */
  readonly url?: string;
  /** Names in any case; repeated headers as lists, such as `headersDistinct` of Node holds them. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly ip?: string;
  /** Digests of its body, as in `Content-Digest` (RFC 9530), to be compared with what was signed. */
  readonly contentDigest?: string;
}

/** One question: may this key do this, here and now? Either `key` or `request.headers` carries the credential. */
export interface VerifyQuestion {
  readonly key?: string;
  readonly request?: DescribedRequest;
  /** PRODUCTION when absent. */
  readonly environment?: Environment;
  /** Any of them will do; absent: any valid key. */
  readonly permission?: string | readonly string[];
  /** Id of a scope that the permission must be held at. */
  readonly scope?: string;
  /** Units that the limits are charged; 1 when absent. */
  readonly cost?: number;
  /** A name of your own for the request, echoed in the answer. */
  readonly requestId?: string;
}

/** The key may do it. Times are RFC 3339. */
export interface AcceptedAnswer {
  readonly valid: true;
  readonly code: 'VALID';
  readonly status: 200;
  readonly requestId: string;
  readonly keyId: string;
  readonly name: string;
  readonly environment: Environment;
  readonly serviceAccountId: string | null;
  /** What the key may do, at the scope that was asked for. */
  readonly permissions: readonly string[];
  /** Where it may do what was asked for. */
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly limits: readonly LimitState[];
  readonly retryAfter: null;
  /**
   * Of a signed request: how it was signed, and what that says of its body: nothing (`UNSIGNED`), its digest, which is still to be
   * compared (`UNCHECKED`), or one that was (`CHECKED`).
   */
  readonly signature?: {
    readonly profile: 'TIMESTAMP' | 'EXPIRY' | 'RFC9421';
    readonly body: 'UNSIGNED' | 'UNCHECKED' | 'CHECKED';
  };
}

/** It may not. `status` is what a protected API answers with. */
export interface RefusedAnswer {
  readonly valid: false;
  readonly code: Exclude<VerdictCode, 'VALID'>;
  readonly status: 401 | 403 | 429;
  readonly requestId: string;
  /** Sentence for the caller. */
  readonly message: string;
  /** Seconds; null when waiting changes nothing. */
  readonly retryAfter: number | null;
  /** With 429 only. */
  readonly limits?: readonly LimitState[];
  /** Only once the credential was proven. */
  readonly keyId?: string;
}

/** The answer to a {@link VerifyQuestion}. */
export type VerifyAnswer = AcceptedAnswer | RefusedAnswer;

/** One of a batch that there is no verdict on: it must not pass. */
export interface UndecidedAnswer {
  readonly valid: false;
  readonly code: 'UNAVAILABLE';
  readonly status: 503;
  readonly requestId: string;
  readonly message: string;
  readonly retryAfter: number | null;
}

/** How to ask. */
export interface VerifyOptions {
  /** Gives up when it is aborted: error ABORTED. */
  readonly signal?: AbortSignal;
}

/** Whatever answers questions: the client over HTTP, or the local verifier. */
export interface Verifier {
  /** The verdict. Error: a KeywrightError when none could be reached; then nothing may pass. */
  verify(question: VerifyQuestion, options?: VerifyOptions): Promise<VerifyAnswer>;
}
