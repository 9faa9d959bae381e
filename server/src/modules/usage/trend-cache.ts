import type { Clock } from '../../core/clock.js';

/** How long a trend is reused: far below the width of its buckets, and too short for people to notice. */
const KEEP_MS = 1000;
const MAX_ENTRIES = 20_000;

interface Entry {
  readonly atMs: number;
  readonly trend: readonly number[];
}

/**
 * Trends that were read a moment ago. Several people view the same page of keys, which refreshes itself; the cache
 * saves a query each time. Bounded, and invalidated as soon as this process counts something new.
 */
export class TrendCache {
  private entries = new Map<string, Entry>();

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {}

  /** The trend of a key, if it was read within the last second. */
  get(apiKeyId: string): readonly number[] | undefined {
    const entry = this.entries.get(apiKeyId);
    return entry && this.clock.now() - entry.atMs < KEEP_MS ? entry.trend : undefined;
  }

  /** Caches trends that were just read. */
  keep(apiKeyIds: readonly string[], trends: readonly (readonly number[])[]): void {
    if (this.entries.size + apiKeyIds.length > MAX_ENTRIES) this.entries = new Map();
    const atMs = this.clock.now();
    for (const [i, id] of apiKeyIds.entries()) this.entries.set(id, { atMs, trend: trends[i]! });
  }

  /** Invalidates the trends of keys that were used. */
  forget(apiKeyIds: Iterable<string>): void {
    for (const id of apiKeyIds) this.entries.delete(id);
  }
}
