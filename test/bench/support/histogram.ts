const BUCKETS = 1_000_000;

/** Latencies per microsecond, up to a second; longer ones share the last bucket, but the maximum is exact. */
export class Histogram {
  private readonly counts = new Uint32Array(BUCKETS);
  private longest = 0;
  count = 0;

  /** Adds a latency in microseconds. */
  add(us: number): void {
    const bucket = us < 0 ? 0 : us >= BUCKETS ? BUCKETS - 1 : Math.floor(us);
    this.counts[bucket]!++;
    this.count++;
    if (us > this.longest) this.longest = us;
  }

  /** The longest, in microseconds. */
  get max(): number {
    return this.longest;
  }

  /** The latency quantile for this share, in microseconds. */
  quantile(share: number): number {
    let left = Math.ceil(this.count * share);
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.counts[i]!;
      if (left <= 0) return i === BUCKETS - 1 ? this.longest : i;
    }
    return this.longest;
  }
}
