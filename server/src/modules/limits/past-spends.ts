import { periodAt } from './calendar-quota.js';
import { RESTORED_WINDOW_SECONDS, type LimitRules, type QuotaPeriod } from './limit-rules.js';
import type { PastSpend, PastSpends } from './rate-limiter.js';
import { PARTS } from './sliding-window.js';

/** Earlier spends against lasting limits, ready to be counted again. */
export interface SpentBefore {
  /**
   * For each length of a lasting window, oldest first: the end and the units of each part; no more parts than a window
   * keeps.
   */
  readonly windows: ReadonlyMap<number, readonly (readonly [untilMs: number, units: number])[]>;
  /** For each quota period: the start of the current one, and the units spent in it. */
  readonly quotas: ReadonlyMap<QuotaPeriod, readonly [startMs: number, units: number]>;
}

function partsOf(spends: readonly PastSpend[], windowMs: number, nowMs: number): [number, number][] {
  const parts: [number, number][] = [];
  let firstMs = -Infinity;
  for (const { untilMs, units } of spends) {
    const atMs = Math.min(untilMs, nowMs);
    if (nowMs - atMs >= windowMs) continue;
    const newest = parts.at(-1);
    if (newest && atMs - firstMs < windowMs / PARTS) {
      // Count from the end of the part, so that no unit expires too early.
      newest[0] = atMs;
      newest[1] += units;
    } else {
      firstMs = atMs;
      parts.push([atMs, units]);
    }
  }
  return parts;
}

/** Sums up earlier spends. A span counts as if all of it were spent at its end, or now if it has not ended. */
export function sumSpends(rules: LimitRules, spends: PastSpends, nowMs: number): SpentBefore {
  const windows = new Map<number, [number, number][]>();
  for (const { windowSeconds } of rules.windows) {
    const windowMs = windowSeconds * 1000;
    if (windowSeconds < RESTORED_WINDOW_SECONDS || windows.has(windowMs)) continue;
    windows.set(windowMs, partsOf(spends.windows, windowMs, nowMs));
  }
  const quotas = new Map<QuotaPeriod, readonly [number, number]>();
  for (const { period } of rules.quotas) {
    const { startMs } = periodAt(period, nowMs);
    const within = spends.quotas.filter(({ atMs }) => atMs >= startMs);
    quotas.set(period, [startMs, within.reduce((sum, { units }) => sum + units, 0)]);
  }
  return { windows, quotas };
}
