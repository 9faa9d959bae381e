import type { VerdictCode } from '../verdicts.js';

/** Where a local verifier connects: a WebSocket, authenticated like `POST /v1/verify`. */
export const LOCAL_PATH = '/v1/local';
/** The subprotocol of that WebSocket; messages are JSON, one a frame. */
export const LOCAL_PROTOCOL = 'keywright.local.v1';
/** Largest message of a client, in bytes. */
export const LOCAL_MESSAGE_BYTES = 1024 * 1024;
/** Most entries of one {@link LocalUsage}, the rows in them included. */
export const LOCAL_BATCH_ENTRIES = 5000;
/** What the server closes the connection with: something was no message, or its caller's key may not ask any more. */
export const LOCAL_CLOSED = { BAD_MESSAGE: 4400, CALLER_REFUSED: 4401 } as const;

/** The environment of a key or a request. */
export type LocalEnvironment = 'PRODUCTION' | 'STAGING' | 'DEVELOPMENT';

/** What is asked of the rights of a key: any of the permissions will do; none asks for none in particular. */
export interface LocalQuestion {
  readonly permissions: readonly string[];
  readonly scopeId: string | null;
}

/** What the rights of a key say to one question: why not, or what an answer tells of them. */
export interface LocalJudgement {
  readonly refused: 'PERMISSION_DENIED' | 'SCOPE_DENIED' | null;
  readonly permissions: readonly string[];
  readonly scopes: readonly string[];
}

/** One limit as an answer shows it. */
export interface LocalLimitState {
  readonly name: string;
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
  readonly resetSeconds: number;
}

/** All that decides about a key whose secret was proven, but its rights; it holds nothing secret. Times: milliseconds since 1970. */
export interface LocalKey {
  readonly keyId: string;
  readonly name: string;
  readonly environment: LocalEnvironment;
  readonly serviceAccountId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly revoked: boolean;
  /** False also while its service account, or the API that it belongs to, is switched off. */
  readonly enabled: boolean;
  readonly expiresAtMs: number | null;
  readonly allowedCidrs: readonly string[];
  /** Whether every use must be covered by a lease. */
  readonly limited: boolean;
  /** The token shown was the previous secret, which works until then; null: the current one. */
  readonly previousSecretUntilMs: number | null;
}

/** What the client says. `id` comes back in the answer. */
export type LocalRequest =
  /** Proves a token and asks one question; `facts` are for the log when it is refused. */
  | {
      readonly type: 'prove';
      readonly id: number;
      readonly token: string;
      readonly question: LocalQuestion;
      readonly environment: LocalEnvironment;
      readonly facts: LocalFacts;
    }
  /** Asks another question about a remembered key. */
  | { readonly type: 'judge'; readonly id: number; readonly keyId: string; readonly question: LocalQuestion }
  /** Takes units from the limits of a remembered key in advance: at best `wanted`, at least `needed`, or none. */
  | {
      readonly type: 'lease';
      readonly id: number;
      readonly keyId: string;
      readonly wanted: number;
      readonly needed: number;
    }
  /** Gives back what was not used of a lease; no answer. */
  | { readonly type: 'release'; readonly lease: string; readonly units: number }
  /** Reports what was decided. The same batch may be sent again until it is answered; it counts once. */
  | { readonly type: 'usage'; readonly id: number; readonly batch: LocalUsage }
  /** Remembers these keys no longer, so that nothing need be said about them; no answer. */
  | { readonly type: 'dropped'; readonly keyIds: readonly string[] };

/** The request that was decided, for the log. */
export interface LocalFacts {
  readonly method: string | null;
  /** Path and query. */
  readonly path: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Decisions that are alike: of one key, outcome and second. */
export interface LocalCount {
  /** Empty with a code that says that no key was proven, such as KEY_MISSING. */
  readonly keyId: string;
  readonly code: VerdictCode;
  readonly environment: LocalEnvironment;
  readonly usedPreviousSecret: boolean;
  readonly atMs: number;
  readonly count: number;
  /** Some of them in detail, for the log; never more than `count`. */
  readonly rows: readonly LocalRow[];
}

/** One decision in detail. */
export interface LocalRow extends LocalFacts, LocalQuestion {
  /** A public id of its own, `req_` and 26 characters; anything else is replaced by one. */
  readonly requestId: string;
  readonly atMs: number;
  readonly maskedSecret: string | null;
  readonly latencyMicroseconds: number | null;
}

/** Decisions since the last batch. */
export interface LocalUsage {
  /** A UUID that no other batch has. */
  readonly batchId: string;
  readonly counts: readonly LocalCount[];
}

/** What the server says. */
export type LocalMessage =
  /** First of all. `maxStalenessMs`: how long remembered keys go on when the server cannot be reached. */
  | { readonly type: 'hello'; readonly maxStalenessMs: number; readonly state: LocalState }
  /** Each second, and at once when it changes whether the state may decide. */
  | { readonly type: 'state'; readonly state: LocalState }
  /** These keys, or all of them, may have changed: what is remembered of them counts no longer. */
  | { readonly type: 'forget'; readonly keyIds: readonly string[] | 'ALL' }
  | {
      readonly type: 'proved';
      readonly id: number;
      readonly key: LocalKey;
      readonly judgement: LocalJudgement;
    }
  /** No key was proven; counted and logged by the server. */
  | { readonly type: 'refused'; readonly id: number; readonly code: VerdictCode; readonly message: string }
  | { readonly type: 'judged'; readonly id: number; readonly judgement: LocalJudgement }
  /**
   * Units to be used within `ttlMs` of the *sending* of the request for them; `lease` names it. 0 units: refused, as `refusedBy` says.
   * `limits`: where the limits stand with the whole lease used.
   */
  | {
      readonly type: 'leased';
      readonly id: number;
      readonly lease: string | null;
      readonly units: number;
      readonly ttlMs: number;
      readonly limits: readonly LocalLimitState[];
      readonly refusedBy: 'WINDOW' | 'QUOTA' | null;
      readonly retryAfterSeconds: number | null;
    }
  /** The batch is safe from an end of the server's process. */
  | { readonly type: 'counted'; readonly id: number }
  /** The request cannot be answered: UNAVAILABLE (try again), NOT_REMEMBERED (prove it again), BAD (it makes no sense). */
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: 'UNAVAILABLE' | 'NOT_REMEMBERED' | 'BAD';
      readonly retryAfterSeconds: number | null;
    };

/** How current the server's knowledge of keys is. */
export interface LocalState {
  /** Its clock, in milliseconds since 1970; expiry is decided by it. */
  readonly atMs: number;
  /** Age of what it knows, in milliseconds. */
  readonly ageMs: number;
  /** Whether it may decide by that. */
  readonly fresh: boolean;
}
