import type { LimitState } from '@keywright/schema/verdict-http';
import type { LimitRules, QuotaPeriod } from './limit-rules.js';
import type { LimitDecision } from './rate-limiter.js';
import type { LimitWindow } from './sliding-window.js';

/** The decision on whoever has no limits. */
export const UNLIMITED: LimitDecision = {
  allowed: true,
  limits: [],
  retryAfterSeconds: null,
  refusedBy: null,
};

/** Whole seconds, rounded up, as callers are told. */
export const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000);

/** When to come again, of a wait in milliseconds. */
export const retrySeconds = (waitMs: number): number => Math.max(1, wholeSeconds(waitMs));

/** A quota is called by its period; a window of that name keeps it, since names tell the limits of a key apart. */
function quotaName(period: QuotaPeriod, { windows }: LimitRules): string {
  const name = period.toLowerCase();
  return windows.some((window) => window.name === name) ? `${name}-quota` : name;
}

/** Where a window stands that `used` units count in, the last of them for `drainsMs` more. */
export const windowState = (
  { name, limit, windowSeconds }: LimitWindow,
  used: number,
  drainsMs: number,
): LimitState => ({
  name,
  limit,
  remaining: Math.max(0, limit - used),
  windowSeconds,
  resetSeconds: wholeSeconds(drainsMs),
});

/** Where the quota at `index` stands, whose period of `lengthSeconds` ends in `endsMs`. */
export function quotaState(
  rules: LimitRules,
  index: number,
  used: number,
  endsMs: number,
  lengthSeconds: number,
): LimitState {
  const { limit, period } = rules.quotas[index]!;
  return {
    name: quotaName(period, rules),
    limit,
    remaining: Math.max(0, limit - used),
    windowSeconds: lengthSeconds,
    resetSeconds: wholeSeconds(endsMs),
  };
}
