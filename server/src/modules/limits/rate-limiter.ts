import type { LimitState } from '@keywright/schema/verdict-http';
import type { LimitRules } from './limit-rules.js';

/**
 * Whether all windows and quotas allowed it. When not, nothing was consumed, and after `retryAfterSeconds` without other use
 * the same cost is allowed; null when the cost is above a limit, which no waiting changes.
 */
export interface LimitDecision {
  readonly allowed: boolean;
  /** The windows, then the quotas, each in the order of the rules. */
  readonly limits: readonly LimitState[];
  readonly retryAfterSeconds: number | null;
  /** What refused it; a window where both did. */
  readonly refusedBy: 'WINDOW' | 'QUOTA' | null;
}

/** Units taken in advance. */
export interface Lease {
  /** How many; 0: refused. */
  readonly units: number;
  /** They are used within so many milliseconds from now, or never. */
  readonly ttlMs: number;
  /** Where the limits stand with all of them used. */
  readonly limits: readonly LimitState[];
  readonly retryAfterSeconds: number | null;
  readonly refusedBy: 'WINDOW' | 'QUOTA' | null;
  /** Takes back some that will not be used; at most all of them together, and only before they end. */
  giveBack(units: number): void;
}

/** Units that were spent at unknown moments of a span, its start inclusive, its end not; milliseconds since 1970. */
export interface PastSpend {
  readonly atMs: number;
  readonly untilMs: number;
  readonly units: number;
}

/** What was spent of limits that last, oldest first: finely for windows, and for quotas in spans that lie in one period each. */
export interface PastSpends {
  readonly windows: readonly PastSpend[];
  readonly quotas: readonly PastSpend[];
}

/** Counts what subjects use: all windows and quotas of a subject or none of them. At once, where it need not ask elsewhere. */
export interface RateLimiter {
  /** Takes `cost` units (at least 1) from every window and quota, or from none. */
  consume(subject: string, rules: LimitRules, cost: number): LimitDecision | Promise<LimitDecision>;

  /**
   * Takes units in advance from every window and quota, or from none: `wanted` if that leaves enough for others, and in any
   * case `needed` (at least 1, at most `wanted`). They count from the last moment that they may be used at.
   */
  lease(subject: string, rules: LimitRules, wanted: number, needed: number): Lease | Promise<Lease>;
}
