/** One rate limit of a key: at most `limit` units of cost in any `windowSeconds`. */
export interface LimitWindow {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Spends less than one part of so many of a window apart are kept as one, which bounds memory and work. */
export const PARTS = 60;

/** Units that are taken in advance are never taken for less, in milliseconds: nobody could use them. */
export const SHORTEST_LEASE_MS = 20;

/** How a spend lies in the list. */
const WIDTH = 3;
const LAST = 1;
const UNITS = 2;

/**
 * What one subject spent within one window length. Promised to whoever spends only what fits (`used` + cost <= limit):
 * - in no span of `windowMs` (its start inclusive, its end not) are more than `limit` units spent;
 * - a unit counts for at least `windowMs` and less than 1/60 of it longer (than its last moment, if it was taken in advance),
 *   so that after `windowMs` of rest a burst of the whole limit fits, and whoever never rests is let through at 60/61 of the
 *   full rate or more;
 * - after {@link waitFor} milliseconds without further spends, the cost does fit;
 * - a clock that steps back frees nothing and makes nothing count longer than it would have from then on, and
 *   {@link SlidingWindow.aheadMs};
 * - at most 64 entries are kept (twice as many after {@link SlidingWindow.restore}), and a check touches the oldest ones only.
 */
export class SlidingWindow {
  /**
   * Three numbers for each spend: when it began, when it ended, and its units. All of it counts until its end has left the
   * window. Oldest first; their beginnings are at least a part of the window apart. Plain numbers in one list, since
   * there may be a million of these.
   */
  private spends: number[] = [];
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
    this.append(nowMs, nowMs, units);
  }

  /** How far ahead units may be taken; their last moment, which they count from, then lies in the future. */
  get aheadMs(): number {
    return Math.max(this.windowMs / PARTS, SHORTEST_LEASE_MS);
  }

  /** Notes units that are used at unknown moments until `lastMs`, which is at most {@link aheadMs} from now. */
  take(nowMs: number, lastMs: number, units: number): void {
    this.settle(nowMs);
    this.append(lastMs, lastMs, units);
  }

  /** Takes back units of a {@link take} until `lastMs` that were not used; not after that moment, nor once the clock stepped back. */
  giveBack(lastMs: number, units: number): void {
    let left = units;
    // What was taken for then may lie in an entry that ends later, never in one that ends before. Of those that come into
    // question the oldest counts for the shortest time, so that the others keep no less than they must.
    for (let i = 0; i < this.spends.length && left > 0; i += WIDTH) {
      if (this.spends[i + LAST]! < lastMs) continue;
      const given = Math.min(left, this.spends[i + UNITS]!);
      this.spends[i + UNITS]! -= given;
      this.units -= given;
      left -= given;
    }
  }

  /**
   * Counts units that were spent somewhere before `untilMs`, on top of what counts already: as if they had been spent then, or
   * now if that is yet to come. They may count for longer than they would have, never for less.
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

  /** Milliseconds until `cost` units fit if nothing else is spent; null for a cost above the limit, which never fits. */
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

  /** Milliseconds until nothing counts any more if nothing else is spent. */
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
    // What lies in the future of a clock that stepped back moves along with it: as if the newest were taken just now.
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
