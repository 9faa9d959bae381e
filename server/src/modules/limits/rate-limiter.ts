import type { LimitState } from '@keywright/schema/verdict-http';
import type { LimitRules } from './limit-rules.js';

/**
 * Whether all windows and quotas allow the cost. If not, nothing was consumed, and the same cost is allowed after
 * `retryAfterSeconds` without other use; null if the cost exceeds a limit, so that waiting does not help.
 */
export interface LimitDecision {
  readonly allowed: boolean;
  /** The windows, then the quotas, each in the order of the rules. */
  readonly limits: readonly LimitState[];
  readonly retryAfterSeconds: number | null;
  /** What rejected it; WINDOW if both did. */
  readonly refusedBy: 'WINDOW' | 'QUOTA' | null;
}

/** Units taken in advance. */
export interface Lease {
  /** Number of units; 0: rejected. */
  readonly units: number;
  /** The units can be used within this many milliseconds from now. */
  readonly ttlMs: number;
  /** State of the limits as if all of the units were used. */
  readonly limits: readonly LimitState[];
  readonly retryAfterSeconds: number | null;
  readonly refusedBy: 'WINDOW' | 'QUOTA' | null;
  /** Returns unused units; at most all of them in total, and only before they expire. */
  returnUnits(units: number): void;
}

/**
 * Units spent at unknown times within a span, from its start (inclusive) to its end (exclusive), in milliseconds since
 * 1970.
 */
export interface PastSpend {
  readonly atMs: number;
  readonly untilMs: number;
  readonly units: number;
}

/**
 * Earlier spends against lasting limits, oldest first: in fine spans for windows, and for quotas in spans that each lie
 * in one period.
 */
export interface PastSpends {
  readonly windows: readonly PastSpend[];
  readonly quotas: readonly PastSpend[];
}

/**
 * Counts the usage of subjects against all windows and quotas of a subject or none. Synchronous unless it needs an
 * external store.
 */
export interface RateLimiter {
  /** Consumes `cost` units (at least 1) from every window and quota, or from none. */
  consume(subject: string, rules: LimitRules, cost: number): LimitDecision | Promise<LimitDecision>;

  /**
   * Leases units from every window and quota, or from none: `wanted` if that leaves enough for others, and at least
   * `needed` (1 to `wanted`). The units count from their last possible moment of use.
   */
  lease(subject: string, rules: LimitRules, wanted: number, needed: number): Lease | Promise<Lease>;
}
