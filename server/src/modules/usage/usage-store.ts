import type { Reach } from '../access/access-set.js';
import type { CodeCounts, UsageFilter, UsageRange } from './usage.js';

/** Reads counts. */
export interface UsageStore {
  /** All-time counts of keys, one map for each id in order. */
  totals(apiKeyIds: readonly string[]): Promise<CodeCounts[]>;
  /** Verifications of keys in each of 24 hours up to and including the current one, oldest first, for each id in order. */
  trends(apiKeyIds: readonly string[], nowMs: number): Promise<number[][]>;
  /** Counts by bucket start in milliseconds, for each id in order. */
  series(apiKeyIds: readonly string[], range: UsageRange): Promise<ReadonlyMap<number, CodeCounts>[]>;
  /** Counts by bucket start in milliseconds over all that match and lie within the reach. */
  sums(range: UsageRange, filter: UsageFilter, reach: Reach): Promise<ReadonlyMap<number, CodeCounts>>;
  /** The busiest keys of a range within the reach, busiest first. */
  top(
    range: UsageRange,
    limit: number,
    reach: Reach,
  ): Promise<{ readonly apiKeyId: string; readonly counts: CodeCounts }[]>;
}
