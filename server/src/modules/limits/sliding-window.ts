/** One rate limit of a key: at most `limit` units of cost in any `windowSeconds`. */
export interface LimitWindow {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** What was spent close together; all of it counts until the last of it has left the window. */
interface Spend {
  firstMs: number;
  lastMs: number;
  units: number;
}

/** Spends less than one part of so many of a window apart are kept as one, which bounds memory and work. */
const PARTS = 60;

/**
 * What one subject spent within one window length. Promised to whoever spends only what fits (`used` + cost <= limit):
 * - in no span of `windowMs` (its start inclusive, its end not) are more than `limit` units spent;
 * - a unit counts for at least `windowMs` and less than 1/60 of it longer, so that after `windowMs` of rest a burst of the
 *   whole limit fits, and whoever never rests is let through at 60/61 of the full rate or more;
 * - after {@link waitFor} milliseconds without further spends, the cost does fit;
 * - a clock that steps back frees nothing and makes nothing count longer than it would have from then on;
 * - at most 61 entries are kept (twice as many after {@link SlidingWindow.restore}), and a check touches the oldest ones only.
 */
export class SlidingWindow {
  /** Oldest first; their beginnings are at least a part of the window apart. */
  private readonly spends: Spend[] = [];
  private units = 0;

  constructor(private readonly windowMs: number) {}

  /** Units that count now. */
  used(nowMs: number): number {
    this.settle(nowMs);
    return this.units;
  }

  /** Notes units as spent; whether they fit is the caller's question. */
  spend(nowMs: number, units: number): void {
    this.settle(nowMs);
    this.append({ firstMs: nowMs, lastMs: nowMs, units });
  }

  /**
   * Counts units that were spent somewhere before `untilMs`, on top of what counts already: as if they had been spent then, or
   * now if that is yet to come. They may count for longer than they would have, never for less.
   */
  restore(nowMs: number, spends: readonly { readonly untilMs: number; readonly units: number }[]): void {
    this.settle(nowMs);
    const all = [...this.spends];
    for (const { untilMs, units } of spends) {
      const atMs = Math.min(untilMs, nowMs);
      if (units > 0 && nowMs - atMs < this.windowMs) all.push({ firstMs: atMs, lastMs: atMs, units });
    }
    this.spends.length = 0;
    this.units = 0;
    for (const spend of all.sort((a, b) => a.firstMs - b.firstMs)) this.append(spend);
  }

  /** Milliseconds until `cost` units fit if nothing else is spent; null for a cost above the limit, which never fits. */
  waitFor(nowMs: number, limit: number, cost: number): number | null {
    if (cost > limit) return null;
    let excess = this.used(nowMs) + cost - limit;
    let wait = 0;
    for (const { lastMs, units } of this.spends) {
      if (excess <= 0) break;
      excess -= units;
      wait = lastMs + this.windowMs - nowMs;
    }
    return wait;
  }

  /** Milliseconds until nothing counts any more if nothing else is spent. */
  drainsIn(nowMs: number): number {
    this.settle(nowMs);
    const newest = this.spends.at(-1);
    return newest ? newest.lastMs + this.windowMs - nowMs : 0;
  }

  private append(spend: Spend): void {
    const newest = this.spends.at(-1);
    this.units += spend.units;
    if (newest && spend.lastMs - newest.firstMs < this.windowMs / PARTS) {
      newest.lastMs = Math.max(newest.lastMs, spend.lastMs);
      newest.units += spend.units;
    } else this.spends.push(spend);
  }

  private settle(nowMs: number): void {
    // What lies in the future of a clock that stepped back moves along with it: it is as if the newest were spent just now.
    const ahead = (this.spends.at(-1)?.lastMs ?? nowMs) - nowMs;
    if (ahead > 0) {
      for (const spend of this.spends) {
        spend.firstMs -= ahead;
        spend.lastMs -= ahead;
      }
    }
    while (this.spends.length > 0 && nowMs - this.spends[0]!.lastMs >= this.windowMs) {
      this.units -= this.spends.shift()!.units;
    }
  }
}
