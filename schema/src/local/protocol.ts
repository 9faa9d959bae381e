import type { Environment } from '../verification/environment.js';
import type { RightsFault } from '../verification/key-facts.js';
import type { LimitState } from '../verification/verdict-http.js';
import type { VerdictCode } from '../verification/verdicts.js';

/** Path of the WebSocket for local verifiers, authenticated like `POST /v1/verify`. */
export const LOCAL_PATH = '/v1/local';
/** Subprotocol of that WebSocket; each frame is one JSON message. */
export const LOCAL_PROTOCOL = 'keywright.local.v1';
/** Max size of a client's message, in bytes. */
export const LOCAL_MESSAGE_BYTES = 1024 * 1024;
/** Max entries of one {@link LocalUsage}, including their rows. */
export const LOCAL_BATCH_ENTRIES = 5000;
/** Max decisions in one {@link LocalCount}. */
export const LOCAL_COUNT_DECISIONS = 10_000_000;
/** Close codes of the server: it received an invalid message, or the caller's key can no longer verify. */
export const LOCAL_CLOSED = { BAD_MESSAGE: 4400, CALLER_REFUSED: 4401 } as const;

/** A question about a key's permissions: any one of them suffices; an empty list asks for none in particular. */
export interface LocalQuestion {
  readonly permissions: readonly string[];
  readonly scopeId: string | null;
}

/** The judgement on one question: why it is refused, or the permissions and scopes that the answer shows. */
export interface LocalJudgement {
  readonly refused: RightsFault | null;
  readonly permissions: readonly string[];
  readonly scopes: readonly string[];
}

/** Everything needed to decide on a proven key except its permissions; contains no secret. Times are milliseconds since 1970. */
export interface LocalKey {
  readonly keyId: string;
  readonly name: string;
  readonly environment: Environment;
  readonly serviceAccountId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly revoked: boolean;
  /** Also false while its service account or API is disabled. */
  readonly enabled: boolean;
  readonly expiresAtMs: number | null;
  readonly allowedCidrs: readonly string[];
  /** Whether every use needs a lease. */
  readonly limited: boolean;
  /** Until when the presented token works if it is the previous secret; null for the current one. */
  readonly previousSecretUntilMs: number | null;
}

/** Messages of the client. The answer repeats the `id`. */
export type LocalRequest =
  /** Proves a token and asks one question; the server logs `facts` on a rejection. */
  | {
      readonly type: 'prove';
      readonly id: number;
      readonly token: string;
      readonly question: LocalQuestion;
      readonly environment: Environment;
      readonly facts: LocalFacts;
    }
  /** Asks another question about a cached key. */
  | { readonly type: 'judge'; readonly id: number; readonly keyId: string; readonly question: LocalQuestion }
  /** Leases units of a cached key's limits: up to `wanted`, at least `needed`, or none. */
  | {
      readonly type: 'lease';
      readonly id: number;
      readonly keyId: string;
      readonly wanted: number;
      readonly needed: number;
    }
  /** Returns unused units of a lease; no answer. */
  | { readonly type: 'release'; readonly lease: string; readonly units: number }
  /** Reports decisions. A batch can be resent until it is answered; it counts once. */
  | { readonly type: 'usage'; readonly id: number; readonly batch: LocalUsage }
  /** These keys are no longer cached, so the server need not report their changes; no answer. */
  | { readonly type: 'dropped'; readonly keyIds: readonly string[] };

/** The request that was decided, for the log. */
export interface LocalFacts {
  readonly method: string | null;
  /** Path and query. */
  readonly path: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** The number of decisions with the same key, outcome and period. */
export interface LocalCount {
  /** Empty with a code for unproven keys, such as KEY_MISSING. */
  readonly keyId: string;
  readonly code: VerdictCode;
  readonly environment: Environment;
  readonly usedPreviousSecret: boolean;
  readonly atMs: number;
  readonly count: number;
  /** Some of the decisions in detail, for the log; at most `count`. */
  readonly rows: readonly LocalRow[];
}

/** One decision in detail. */
export interface LocalRow extends LocalFacts, LocalQuestion {
  /** A unique public id, `req_` and 26 characters; the server replaces anything else. */
  readonly requestId: string;
  readonly atMs: number;
  readonly maskedSecret: string | null;
  readonly latencyMicroseconds: number | null;
}

/** Decisions since the last batch. */
export interface LocalUsage {
  /** A UUID, unique per batch. */
  readonly batchId: string;
  readonly counts: readonly LocalCount[];
}

/** Messages of the server. */
export type LocalMessage =
  /** The first message. `maxStalenessMs`: how long cached keys stay usable when the server cannot be reached. */
  | { readonly type: 'hello'; readonly maxStalenessMs: number; readonly state: LocalState }
  /** Sent each second, and immediately when `fresh` changes. */
  | { readonly type: 'state'; readonly state: LocalState }
  /** These keys, or all, may have changed; the client must drop them from its cache. */
  | { readonly type: 'forget'; readonly keyIds: readonly string[] | 'ALL' }
  | {
      readonly type: 'proved';
      readonly id: number;
      readonly key: LocalKey;
      readonly judgement: LocalJudgement;
    }
  /** No key was proven; the server has counted and logged it. */
  | { readonly type: 'refused'; readonly id: number; readonly code: VerdictCode; readonly message: string }
  | { readonly type: 'judged'; readonly id: number; readonly judgement: LocalJudgement }
  /**
   * Units to use within `ttlMs` of *sending* the request for them; `lease` is the id. 0 units: refused for the reason in `refusedBy`.
   * `limits`: the state of the limits as if the whole lease were used.
   */
  | {
      readonly type: 'leased';
      readonly id: number;
      readonly lease: string | null;
      readonly units: number;
      readonly ttlMs: number;
      readonly limits: readonly LimitState[];
      readonly refusedBy: 'WINDOW' | 'QUOTA' | null;
      readonly retryAfterSeconds: number | null;
    }
  /** The batch is stored and survives a crash of the server. */
  | { readonly type: 'counted'; readonly id: number }
  /** The request cannot be answered: UNAVAILABLE (try again), NOT_REMEMBERED (prove the token again), BAD (invalid request). */
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: 'UNAVAILABLE' | 'NOT_REMEMBERED' | 'BAD';
      readonly retryAfterSeconds: number | null;
    };

/** How fresh the server's copy of the keys is. */
export interface LocalState {
  /** The server's clock, in milliseconds since 1970; expiry follows it. */
  readonly atMs: number;
  /** Age of the copy, in milliseconds. */
  readonly ageMs: number;
  /** Whether the copy is fresh enough to decide. */
  readonly fresh: boolean;
}
