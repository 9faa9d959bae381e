import { monotonicClock } from '../core/clock.js';
import type { Queries } from '../core/queries.js';
import { MemoryRateLimiter } from '../modules/limits/memory-rate-limiter.js';
import type { RateLimiter } from '../modules/limits/rate-limiter.js';
import type { IndexedKey } from '../modules/replica/indexed-key.js';
import { NonceMemory } from '../modules/signatures/nonce-memory.js';
import { memorySingleUse, type SingleUse } from '../modules/verification/single-use.js';
import { restoreSpentLimits } from '../modules/verification/spent-limits.postgres.js';
import { openSharedState, type SharedState, type SharedStateDeps } from './redis.js';

/** What counts against the limits of keys, and what makes nonces single-use: alone, or with all processes in Redis. */
export interface Limits {
  readonly limiter: RateLimiter;
  readonly singleUse: SingleUse;
  /** Nonces that this process has seen; null if processes share them. */
  readonly nonces: NonceMemory | null;
  /** Number of keys whose limits this process counts. */
  readonly countedKeys: () => number;
  /** State that processes share; undefined without Redis. */
  readonly redis: SharedState | undefined;
  /** Counts what was spent before this process started. */
  restore(bulk: Queries, keys: Iterable<IndexedKey>): Promise<void>;
}

/**
 * Opens the limits. `queries` reads what was spent while Redis was away; nonces from before `startedAtMs` may have been
 * seen.
 */
export async function openLimits(
  deps: SharedStateDeps,
  queries: Queries,
  startedAtMs: number,
): Promise<Limits> {
  const own = new MemoryRateLimiter(monotonicClock);
  const redis = await openSharedState(deps, queries, own);
  const nonces = redis ? null : new NonceMemory(startedAtMs);
  return {
    limiter: redis?.limiter ?? own,
    singleUse: nonces ? memorySingleUse(nonces, own) : redis!.singleUse,
    nonces,
    countedKeys: () => own.size,
    redis,
    restore: (bulk, keys) => restoreSpentLimits(bulk, keys, own, monotonicClock.now()),
  };
}
