import type { Reach } from '../access/decide/access-set.js';
import type { CodeCounts, UsageFilter, UsageRange } from './usage.js';

/** Reads counts. */
export interface UsageStore {
  /** All-time counts of keys, one map per id in order. */
  totals(apiKeyIds: readonly string[]): Promise<CodeCounts[]>;
  /** Verifications of keys in each of the 24 hours up to and including the current one, oldest first, per id in order. */
  trends(apiKeyIds: readonly string[], nowMs: number): Promise<number[][]>;
  /** Counts by bucket start in milliseconds, per id in order. */
  series(apiKeyIds: readonly string[], range: UsageRange): Promise<ReadonlyMap<number, CodeCounts>[]>;
  /** Counts by bucket start in milliseconds over everything that matches and is within reach. */
  sums(range: UsageRange, filter: UsageFilter, reach: Reach): Promise<ReadonlyMap<number, CodeCounts>>;
  /** The busiest keys of a range within reach, busiest first. */
  top(
    range: UsageRange,
    limit: number,
    reach: Reach,
  ): Promise<{ readonly apiKeyId: string; readonly counts: CodeCounts }[]>;
}
