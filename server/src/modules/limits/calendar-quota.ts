import type { QuotaPeriod } from './limit-rules.js';

/** A calendar period from its start (inclusive) to its end (exclusive), in milliseconds since 1970. */
interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** The UTC calendar day or month that contains a point in time. */
export function periodAt(period: QuotaPeriod, nowMs: number): Period {
  const at = new Date(nowMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  return period === 'DAY'
    ? { startMs: Date.UTC(year, month, day), endMs: Date.UTC(year, month, day + 1) }
    : { startMs: Date.UTC(year, month, 1), endMs: Date.UTC(year, month + 1, 1) };
}

/**
 * Units that one subject spent in the current calendar day or month. Times passed in must not decrease. If callers
 * spend only what fits (`used` + cost <= limit), at most `limit` units are spent in any calendar period, and the whole
 * limit is available when a period begins.
 */
export class CalendarQuota {
  private current: Period = { startMs: 0, endMs: 0 };
  private units = 0;

  constructor(private readonly period: QuotaPeriod) {}

  /** Units spent in the current period. */
  used(nowMs: number): number {
    this.settle(nowMs);
    return this.units;
  }

  /** Counts units as spent now; the caller checks whether they fit. */
  spend(nowMs: number, units: number): void {
    this.settle(nowMs);
    this.units += units;
  }

  /** Returns unused units to the period that they were spent in. */
  returnUnits(units: number): void {
    this.units -= units;
  }

  /** Counts units that were spent at some time before `untilMs`, if that can have been in the current period. */
  restore(nowMs: number, untilMs: number, units: number): void {
    this.settle(nowMs);
    if (untilMs > this.current.startMs) this.units += units;
  }

  /** Milliseconds until the next period begins; always more than 0. */
  endsIn(nowMs: number): number {
    this.settle(nowMs);
    return this.current.endMs - nowMs;
  }

  /** Total length of the current period, in seconds. */
  lengthSeconds(nowMs: number): number {
    this.settle(nowMs);
    return (this.current.endMs - this.current.startMs) / 1000;
  }

  private settle(nowMs: number): void {
    if (nowMs < this.current.endMs) return;
    this.current = periodAt(this.period, nowMs);
    this.units = 0;
  }
}
