import type { Environment } from './environment.js';

/** What a request asks of a key, as far as every verifier needs to know it. */
export interface Question {
  readonly environment: Environment;
  /** The client's address; null if it is unknown. */
  readonly ip: string | null;
  /** Rejects every key, whatever it holds. */
  readonly closed?: boolean;
}

/** Why the rights of a key do not suffice. */
export type RightsFault = 'PERMISSION_DENIED' | 'SCOPE_DENIED';

/** What decides whether a key works at all. Times are milliseconds since 1970. */
export interface KeyLifecycle {
  readonly revoked: boolean;
  /** Also false while the key's service account, or the API above it, is disabled. */
  readonly enabled: boolean;
  readonly expiresAtMs: number | null;
}

/**
 * A key whose secret was proven, as the steps of a verification read it. `Asked` is the form in which its verifier holds
 * questions; `Unknown` is its answer while it does not know the key's rights, for verifiers where that can happen.
 */
export interface KeyFacts<Asked extends Question, Unknown extends string = never> extends KeyLifecycle {
  readonly environment: Environment;
  /** The addresses that the key can be used from. */
  readonly ipRanges: { allows(ip: string | null): boolean };
  /** Why the rights of the key do not cover the question; undefined if they do. */
  rightsFault(asked: Asked): RightsFault | Unknown | undefined;
}
