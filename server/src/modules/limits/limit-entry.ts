import { CalendarQuota } from './calendar-quota.js';
import { RESTORED_WINDOW_SECONDS, type LimitRules, type QuotaPeriod } from './limit-rules.js';
import type { LimitState } from '@keywright/schema/verdict-http';
import { quotaState, retrySeconds, windowState } from './limit-state.js';
import type { Lease, LimitDecision, PastSpends } from './rate-limiter.js';
import { MIN_LEASE_MS, SlidingWindow } from './sliding-window.js';

/** Maximum duration of a lease, in milliseconds. */
export const MAX_LEASE_MS = 1000;
/**
 * A lease of more than the needed units gets at most one FAIR_PART-th of the remaining units, to leave some for others.
 */
export const FAIR_PART = 4;

/** Shared by all entries that have none. */
const NONE: readonly never[] = [];

/** Runs at the first use of each key, so it avoids unnecessary allocations. */
function windowsFor({ windows }: LimitRules, before: LimitEntry | undefined): readonly SlidingWindow[] {
  const counts: SlidingWindow[] = [];
  for (let i = 0; i < windows.length; i++) {
    const { windowSeconds } = windows[i]!;
    const same = windows.findIndex((window) => window.windowSeconds === windowSeconds);
    counts.push(
      same < i ? counts[same]! : (before?.windowOf(windowSeconds) ?? new SlidingWindow(windowSeconds * 1000)),
    );
  }
  return counts;
}

/**
 * Usage of one subject, arranged by its rules. Counts are keyed by window length and quota period, so renaming a limit
 * or changing its number keeps the usage.
 */
export class LimitEntry {
  /** When nothing counts anymore unless the subject is used again. */
  expiresAtMs = 0;
  /** In the order of the rules; windows of the same length share one count. */
  private readonly windows: readonly SlidingWindow[];
  private readonly quotas: readonly CalendarQuota[];
  private readonly longestMs: number;

  /** @param before The entry of the same subject under other rules. */
  constructor(
    readonly rules: LimitRules,
    before?: LimitEntry,
  ) {
    const { windows, quotas } = rules;
    this.windows = windows.length === 0 ? NONE : windowsFor(rules, before);
    this.quotas =
      quotas.length === 0
        ? NONE
        : quotas.map(({ period }) => before?.quotaOf(period) ?? new CalendarQuota(period));
    let longestSeconds = 0;
    for (const { windowSeconds } of windows) longestSeconds = Math.max(longestSeconds, windowSeconds);
    this.longestMs = longestSeconds * 1000;
  }

  /** Consumes the cost from all limits or from none. */
  consume(nowMs: number, cost: number): LimitDecision {
    const refusedBy = this.refusal(nowMs, cost);
    if (refusedBy === null) this.spend(nowMs, cost);
    this.keep(nowMs);
    return {
      allowed: refusedBy === null,
      limits: this.states(nowMs),
      retryAfterSeconds: refusedBy === null ? null : this.retryAfter(nowMs, cost),
      refusedBy,
    };
  }

  /** Leases units from all limits or from none. */
  lease(nowMs: number, wanted: number, needed: number): Lease {
    const refusedBy = this.refusal(nowMs, needed);
    const ttlMs = refusedBy === null ? this.leaseMs(nowMs) : 0;
    const fair = ttlMs <= MIN_LEASE_MS ? needed : Math.ceil(this.remaining(nowMs) / FAIR_PART);
    const units = refusedBy === null ? Math.min(wanted, Math.max(needed, fair)) : 0;
    const lastMs = nowMs + ttlMs;
    if (units > 0) this.take(nowMs, lastMs, units);
    this.keep(nowMs);
    return {
      units,
      ttlMs,
      limits: this.states(nowMs),
      retryAfterSeconds: refusedBy === null ? null : this.retryAfter(nowMs, needed),
      refusedBy,
      returnUnits: (unused) => this.returnUnits(lastMs, unused),
    };
  }

  /** Counts the units spent before a restart. */
  restore(nowMs: number, spends: PastSpends): void {
    for (const [i, { windowSeconds }] of this.rules.windows.entries()) {
      if (windowSeconds >= RESTORED_WINDOW_SECONDS && this.isFirst(i))
        this.windows[i]!.restore(nowMs, spends.windows);
    }
    for (const quota of this.quotas) {
      for (const { untilMs, units } of spends.quotas) quota.restore(nowMs, untilMs, units);
    }
    this.keep(nowMs);
  }

  /** The count of a window with this length. */
  windowOf(windowSeconds: number): SlidingWindow | undefined {
    return this.windows[this.rules.windows.findIndex((window) => window.windowSeconds === windowSeconds)];
  }

  private quotaOf(period: QuotaPeriod): CalendarQuota | undefined {
    return this.quotas[this.rules.quotas.findIndex((quota) => quota.period === period)];
  }

  /** Whether this is the first window with its count. */
  private isFirst(i: number): boolean {
    return i === 0 || this.windows.indexOf(this.windows[i]!) === i;
  }

  private spend(nowMs: number, cost: number): void {
    for (let i = 0; i < this.windows.length; i++) {
      if (this.isFirst(i)) this.windows[i]!.spend(nowMs, cost);
    }
    for (let i = 0; i < this.quotas.length; i++) this.quotas[i]!.spend(nowMs, cost);
  }

  private take(nowMs: number, lastMs: number, units: number): void {
    for (let i = 0; i < this.windows.length; i++) {
      if (this.isFirst(i)) this.windows[i]!.take(nowMs, lastMs, units);
    }
    for (const quota of this.quotas) quota.spend(nowMs, units);
  }

  private returnUnits(lastMs: number, units: number): void {
    for (let i = 0; i < this.windows.length; i++) {
      if (this.isFirst(i)) this.windows[i]!.returnUnits(lastMs, units);
    }
    for (const quota of this.quotas) quota.returnUnits(units);
  }

  /** Duration of a lease: a part of every window, and not into the next period. */
  private leaseMs(nowMs: number): number {
    let longestMs = MAX_LEASE_MS;
    for (const window of this.windows) longestMs = Math.min(longestMs, window.aheadMs);
    for (const quota of this.quotas) longestMs = Math.min(longestMs, quota.endsIn(nowMs) - 1);
    return Math.max(0, Math.floor(longestMs));
  }

  /** Remaining units of the limit with the fewest left. */
  private remaining(nowMs: number): number {
    const { windows, quotas } = this.rules;
    let least = Infinity;
    for (let i = 0; i < windows.length; i++) {
      least = Math.min(least, windows[i]!.limit - this.windows[i]!.used(nowMs));
    }
    for (let i = 0; i < quotas.length; i++) {
      least = Math.min(least, quotas[i]!.limit - this.quotas[i]!.used(nowMs));
    }
    return least;
  }

  private refusal(nowMs: number, cost: number): 'WINDOW' | 'QUOTA' | null {
    const { windows, quotas } = this.rules;
    for (let i = 0; i < windows.length; i++) {
      if (this.windows[i]!.used(nowMs) + cost > windows[i]!.limit) return 'WINDOW';
    }
    for (let i = 0; i < quotas.length; i++) {
      if (this.quotas[i]!.used(nowMs) + cost > quotas[i]!.limit) return 'QUOTA';
    }
    return null;
  }

  private states(nowMs: number): LimitState[] {
    const { windows, quotas } = this.rules;
    const states: LimitState[] = [];
    for (let i = 0; i < windows.length; i++) {
      const window = this.windows[i]!;
      states.push(windowState(windows[i]!, window.used(nowMs), window.drainsIn(nowMs)));
    }
    for (let i = 0; i < quotas.length; i++) {
      const quota = this.quotas[i]!;
      const endsMs = quota.endsIn(nowMs);
      states.push(quotaState(this.rules, i, quota.used(nowMs), endsMs, quota.lengthSeconds(nowMs)));
    }
    return states;
  }

  /** Whole seconds until the cost fits all limits; null if it never fits one of them. */
  private retryAfter(nowMs: number, cost: number): number | null {
    const { windows, quotas } = this.rules;
    let longest = 0;
    for (let i = 0; i < windows.length; i++) {
      const wait = this.windows[i]!.waitFor(nowMs, windows[i]!.limit, cost);
      if (wait === null) return null;
      longest = Math.max(longest, wait);
    }
    for (let i = 0; i < quotas.length; i++) {
      const { limit } = quotas[i]!;
      if (cost > limit) return null;
      const quota = this.quotas[i]!;
      if (quota.used(nowMs) + cost > limit) longest = Math.max(longest, quota.endsIn(nowMs));
    }
    return retrySeconds(longest);
  }

  /** Keeps the entry for twice the longest window, because units can be counted some time after they were spent. */
  private keep(nowMs: number): void {
    let expiresAtMs = nowMs + 2 * this.longestMs;
    for (const quota of this.quotas) expiresAtMs = Math.max(expiresAtMs, nowMs + quota.endsIn(nowMs));
    this.expiresAtMs = expiresAtMs;
  }
}
