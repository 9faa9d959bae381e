import { periodAt } from './calendar-quota.js';
import { RESTORED_WINDOW_SECONDS, type LimitRules, type QuotaPeriod } from './limit-rules.js';
import type { PastSpend, PastSpends } from './rate-limiter.js';
import { PARTS } from './sliding-window.js';

/** What was spent of limits that last, as it is counted again. */
export interface SpentBefore {
  /** For each length of a window that lasts, oldest first: until when, and the units; no more parts than a window keeps. */
  readonly windows: ReadonlyMap<number, readonly (readonly [untilMs: number, units: number])[]>;
  /** For each period of a quota: the units in the one before, in the one that is running, and in the next. */
  readonly quotas: ReadonlyMap<QuotaPeriod, readonly number[]>;
}

/** The edges of the period around a moment, and of those beside it: clocks differ. */
export function edgesAround(period: QuotaPeriod, nowMs: number): readonly number[] {
  const { startMs, endMs } = periodAt(period, nowMs);
  return [periodAt(period, startMs - 1).startMs, startMs, endMs, periodAt(period, endMs).endMs];
}

function partsOf(spends: readonly PastSpend[], windowMs: number, nowMs: number): [number, number][] {
  const parts: [number, number][] = [];
  let firstMs = -Infinity;
  for (const { untilMs, units } of spends) {
    const atMs = Math.min(untilMs, nowMs);
    if (nowMs - atMs >= windowMs) continue;
    const newest = parts.at(-1);
    if (newest && atMs - firstMs < windowMs / PARTS) {
      // Counted from the end of a part, so that nothing counts for less long than it must.
      newest[0] = atMs;
      newest[1] += units;
    } else {
      firstMs = atMs;
      parts.push([atMs, units]);
    }
  }
  return parts;
}

/** Sums up what was spent. A span counts as if all of it were spent at its end, or now if it has not ended. */
export function sumSpends(rules: LimitRules, spends: PastSpends, nowMs: number): SpentBefore {
  const windows = new Map<number, [number, number][]>();
  for (const { windowSeconds } of rules.windows) {
    const windowMs = windowSeconds * 1000;
    if (windowSeconds < RESTORED_WINDOW_SECONDS || windows.has(windowMs)) continue;
    windows.set(windowMs, partsOf(spends.windows, windowMs, nowMs));
  }
  const quotas = new Map<QuotaPeriod, number[]>();
  for (const { period } of rules.quotas) {
    const edges = edgesAround(period, nowMs);
    const sums = edges.slice(1).map((endMs, i) => {
      const within = spends.quotas.filter(({ atMs }) => atMs >= edges[i]! && atMs < endMs);
      return within.reduce((sum, { units }) => sum + units, 0);
    });
    quotas.set(period, sums);
  }
  return { windows, quotas };
}
