/** A rate limit of a key: at most `limit` units of cost in any `windowSeconds`. */
export interface LimitWindow {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Spends within one PARTS-th of a window are merged, which bounds memory and work. */
export const PARTS = 60;

/** Minimum duration of a lease, in milliseconds; a shorter one would be useless. */
export const MIN_LEASE_MS = 20;

/** Numbers per spend in the list. */
const WIDTH = 3;
const LAST = 1;
const UNITS = 2;

/**
 * Units that one subject spent within one window length. If callers spend only what fits (`used` + cost <= limit):
 * - in any span of `windowMs` (start inclusive, end exclusive), at most `limit` units are spent;
 * - a unit counts for at least `windowMs` and less than 1/60 of it longer (from its last moment of use, if it was
 * leased), so that after an idle `windowMs` a burst of the whole limit fits, and a caller that never pauses is admitted
 * at 60/61 of the full rate or more;
 * - after {@link waitFor} milliseconds without further spends, the cost fits;
 * - a clock that steps back frees no units, and makes none count longer than a unit spent at that time plus {@link
 * SlidingWindow.aheadMs};
 * - at most 64 entries are kept (twice as many after {@link SlidingWindow.restore}), and a check touches only the
 * oldest ones.
 */
export class SlidingWindow {
  /**
   * Three numbers per spend: start, end, and units. All units of a spend count until its end has left the window.
   * Oldest first; their starts are at least a part of the window apart. Plain numbers in one list because there can be
   * a million of these windows.
   */
  private spends: number[] = [];
  private units = 0;

  constructor(private readonly windowMs: number) {}

  /** Units that currently count. */
  used(nowMs: number): number {
    this.settle(nowMs);
    return this.units;
  }

  /** Counts units as spent now; the caller checks whether they fit. */
  spend(nowMs: number, units: number): void {
    this.settle(nowMs);
    this.append(nowMs, nowMs, units);
  }

  /** Maximum duration of a lease. The units count from its end, which lies in the future. */
  get aheadMs(): number {
    return Math.max(this.windowMs / PARTS, MIN_LEASE_MS);
  }

  /** Counts leased units, which are used at unknown times until `lastMs`, at most {@link aheadMs} from now. */
  take(nowMs: number, lastMs: number, units: number): void {
    this.settle(nowMs);
    this.append(lastMs, lastMs, units);
  }

  /** Returns unused units of a {@link take} until `lastMs`; not after that time, nor after the clock stepped back. */
  returnUnits(lastMs: number, units: number): void {
    let left = units;
    // The units can be part of an entry that ends later, never of one that ends earlier. The oldest candidate counts
    // for the shortest time, so reducing it first keeps the others high enough.
    for (let i = 0; i < this.spends.length && left > 0; i += WIDTH) {
      if (this.spends[i + LAST]! < lastMs) continue;
      const given = Math.min(left, this.spends[i + UNITS]!);
      this.spends[i + UNITS]! -= given;
      this.units -= given;
      left -= given;
    }
  }

  /**
   * Adds units that were spent at some time before `untilMs` to the current counts, as if they were spent then, or now
   * if that is in the future. They can count longer than the original spend, never shorter.
   */
  restore(nowMs: number, spends: readonly { readonly untilMs: number; readonly units: number }[]): void {
    this.settle(nowMs);
    const all: [firstMs: number, lastMs: number, units: number][] = [];
    for (let i = 0; i < this.spends.length; i += WIDTH) {
      all.push([this.spends[i]!, this.spends[i + LAST]!, this.spends[i + UNITS]!]);
    }
    for (const { untilMs, units } of spends) {
      const atMs = Math.min(untilMs, nowMs);
      if (units > 0 && nowMs - atMs < this.windowMs) all.push([atMs, atMs, units]);
    }
    this.spends = [];
    this.units = 0;
    for (const spend of all.sort(([a], [b]) => a - b)) this.append(...spend);
  }

  /**
   * Milliseconds until `cost` units fit if nothing else is spent; null for a cost above the limit, which never fits.
   */
  waitFor(nowMs: number, limit: number, cost: number): number | null {
    if (cost > limit) return null;
    let excess = this.used(nowMs) + cost - limit;
    let wait = 0;
    for (let i = 0; i < this.spends.length && excess > 0; i += WIDTH) {
      excess -= this.spends[i + UNITS]!;
      wait = this.spends[i + LAST]! + this.windowMs - nowMs;
    }
    return wait;
  }

  /** Milliseconds until nothing counts anymore if nothing else is spent. */
  drainsIn(nowMs: number): number {
    this.settle(nowMs);
    const { length } = this.spends;
    return length === 0 ? 0 : this.spends[length - WIDTH + LAST]! + this.windowMs - nowMs;
  }

  private append(firstMs: number, lastMs: number, units: number): void {
    const newest = this.spends.length - WIDTH;
    this.units += units;
    if (newest >= 0 && lastMs - this.spends[newest]! < this.windowMs / PARTS) {
      this.spends[newest + LAST] = Math.max(this.spends[newest + LAST]!, lastMs);
      this.spends[newest + UNITS]! += units;
    } else this.spends.push(firstMs, lastMs, units);
  }

  private settle(nowMs: number): void {
    const { spends } = this;
    const newest = spends.length - WIDTH;
    if (newest < 0) return;
    // After the clock stepped back, future entries move along with it, as if the newest were leased now.
    const ahead = spends[newest + LAST]! - nowMs - this.aheadMs;
    if (ahead > 0) {
      for (let i = 0; i < spends.length; i += WIDTH) {
        spends[i]! -= ahead;
        spends[i + LAST]! -= ahead;
      }
    }
    let gone = 0;
    while (gone < spends.length && nowMs - spends[gone + LAST]! >= this.windowMs) {
      this.units -= spends[gone + UNITS]!;
      gone += WIDTH;
    }
    if (gone > 0) spends.splice(0, gone);
  }
}
