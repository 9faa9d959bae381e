import type { LimitWindow } from './sliding-window.js';

/** Where one window of a key stands after a verification. */
export interface LimitState {
  readonly name: string;
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
  /** Seconds until the whole limit is free again if nothing else is used; 0 when it is free now. */
  readonly resetSeconds: number;
}

/**
 * Whether all windows allowed it. When not, nothing was consumed, and after `retryAfterSeconds` without other use the same
 * cost is allowed; null when the cost is above a limit, which no waiting changes.
 */
export interface LimitDecision {
  readonly allowed: boolean;
  readonly limits: readonly LimitState[];
  readonly retryAfterSeconds: number | null;
}

/** Counts what subjects use: all windows of a subject or none of them. */
export interface RateLimiter {
  /** Takes `cost` units (at least 1) from every window, or from none. */
  consume(subject: string, windows: readonly LimitWindow[], cost: number): LimitDecision;
}
