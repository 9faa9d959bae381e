import type { LimitState } from '@keywright/schema/verdict-http';
import type { LimitRules, QuotaPeriod } from './limit-rules.js';
import type { LimitDecision } from './rate-limiter.js';
import type { LimitWindow } from './sliding-window.js';

/** The decision for subjects without limits. */
export const UNLIMITED: LimitDecision = {
  allowed: true,
  limits: [],
  retryAfterSeconds: null,
  refusedBy: null,
};

/** Whole seconds, rounded up, for callers. */
export const wholeSeconds = (ms: number): number => Math.ceil(ms / 1000);

/** Seconds until a retry, from a wait in milliseconds. */
export const retrySeconds = (waitMs: number): number => Math.max(1, wholeSeconds(waitMs));

/** The name of a quota is its period, unless a window has that name: names must distinguish the limits of a key. */
function quotaName(period: QuotaPeriod, { windows }: LimitRules): string {
  const name = period.toLowerCase();
  return windows.some((window) => window.name === name) ? `${name}-quota` : name;
}

/** The state of a window with `used` units, the last of which expire in `drainsMs`. */
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

/** The state of the quota at `index`, whose period of `lengthSeconds` ends in `endsMs`. */
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
