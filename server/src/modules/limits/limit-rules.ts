import type { LimitWindow } from './sliding-window.js';

/** Calendar periods of a quota, in UTC. */
export const QUOTA_PERIODS = ['DAY', 'MONTH'] as const;

/** A calendar period in UTC. */
export type QuotaPeriod = (typeof QUOTA_PERIODS)[number];

/** At most `limit` units of cost in a calendar day or month (UTC). */
export interface Quota {
  readonly period: QuotaPeriod;
  readonly limit: number;
}

/** All limits of a key; immutable, and shared between keys with equal limits. At most one quota per period. */
export interface LimitRules {
  readonly windows: readonly LimitWindow[];
  readonly quotas: readonly Quota[];
}

/** Whether there are any limits. */
export const isLimited = ({ windows, quotas }: LimitRules): boolean =>
  windows.length > 0 || quotas.length > 0;

/** Windows of at least this length are restored after a restart, in seconds. */
export const RESTORED_WINDOW_SECONDS = 3600;

/** Whether any usage must be restored after a restart: that of quotas and of windows of an hour or more. */
export const survivesRestart = ({ windows, quotas }: LimitRules): boolean =>
  quotas.length > 0 || windows.some(({ windowSeconds }) => windowSeconds >= RESTORED_WINDOW_SECONDS);
