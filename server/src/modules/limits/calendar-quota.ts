import type { QuotaPeriod } from './limit-rules.js';

/** A calendar period: its start inclusive, its end not; milliseconds since 1970. */
interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** The calendar day or month in UTC that a moment lies in. */
export function periodAt(period: QuotaPeriod, nowMs: number): Period {
  const at = new Date(nowMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  return period === 'DAY'
    ? { startMs: Date.UTC(year, month, day), endMs: Date.UTC(year, month, day + 1) }
    : { startMs: Date.UTC(year, month, 1), endMs: Date.UTC(year, month + 1, 1) };
}

/**
 * What one subject spent in the calendar day or month that is running. The times it is given must not go back. Promised to
 * whoever spends only what fits (`used` + cost <= limit): in no calendar period are more than `limit` units spent, and when
 * a period begins the whole limit is free.
 */
export class CalendarQuota {
  private current: Period = { startMs: 0, endMs: 0 };
  private units = 0;

  constructor(private readonly period: QuotaPeriod) {}

  /** Units spent in the period that is running. */
  used(nowMs: number): number {
    this.settle(nowMs);
    return this.units;
  }

  /** Notes units as spent now; whether they fit is the caller's question. */
  spend(nowMs: number, units: number): void {
    this.settle(nowMs);
    this.units += units;
  }

  /** Takes back units that were not used, in the period that they were spent in. */
  giveBack(units: number): void {
    this.units -= units;
  }

  /** Counts units that were spent somewhere before `untilMs`, if that may have been in the period that is running. */
  restore(nowMs: number, untilMs: number, units: number): void {
    this.settle(nowMs);
    if (untilMs > this.current.startMs) this.units += units;
  }

  /** Milliseconds until the next period begins; always more than 0. */
  endsIn(nowMs: number): number {
    this.settle(nowMs);
    return this.current.endMs - nowMs;
  }

  /** How long the period that is running is as a whole, in seconds. */
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
