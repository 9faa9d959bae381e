import type { Clock } from '../../core/clock.js';

/** How long a trend is shown again: far below the width of its buckets, and below what a person notices. */
const KEEP_MS = 1000;
const MAX_ENTRIES = 20_000;

interface Entry {
  readonly atMs: number;
  readonly trend: readonly number[];
}

/**
 * Trends that were read a moment ago. Several people look at the same page of keys, which renews itself while it is looked
 * at; this keeps that from being a query each time. Bounded, and forgotten as soon as this process counts something new.
 */
export class TrendCache {
  private entries = new Map<string, Entry>();

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {}

  /** The trend of a key, when it was read within the last second. */
  get(apiKeyId: string): readonly number[] | undefined {
    const entry = this.entries.get(apiKeyId);
    return entry && this.clock.now() - entry.atMs < KEEP_MS ? entry.trend : undefined;
  }

  /** Keeps trends that were read at this moment. */
  keep(apiKeyIds: readonly string[], trends: readonly (readonly number[])[]): void {
    if (this.entries.size + apiKeyIds.length > MAX_ENTRIES) this.entries = new Map();
    const atMs = this.clock.now();
    for (const [i, id] of apiKeyIds.entries()) this.entries.set(id, { atMs, trend: trends[i]! });
  }

  /** Forgets the trends of keys that were used. */
  forget(apiKeyIds: Iterable<string>): void {
    for (const id of apiKeyIds) this.entries.delete(id);
  }
}
