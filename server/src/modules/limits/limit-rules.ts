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

/** Everything that limits a key; immutable, and shared between keys with the same limits. At most one quota of each period. */
export interface LimitRules {
  readonly windows: readonly LimitWindow[];
  readonly quotas: readonly Quota[];
}

/** Windows at least this long count again after a restart, in seconds. */
export const RESTORED_WINDOW_SECONDS = 3600;

/** Whether something of what was used must be restored after a restart: of quotas and of windows of an hour or more. */
export const survivesRestart = ({ windows, quotas }: LimitRules): boolean =>
  quotas.length > 0 || windows.some(({ windowSeconds }) => windowSeconds >= RESTORED_WINDOW_SECONDS);

/** Hands out one object for equal rules, and forgets rules that nobody holds any more. */
export class LimitRulesPool {
  private readonly known = new Map<string, WeakRef<LimitRules>>();
  private readonly gone = new FinalizationRegistry<string>((text) => {
    // The same rules may have come back in the meantime.
    if (!this.known.get(text)?.deref()) this.known.delete(text);
  });

  /** The rules made of these windows and quotas. */
  of(windows: readonly LimitWindow[], quotas: readonly Quota[]): LimitRules {
    const text = JSON.stringify([
      windows.map(({ name, limit, windowSeconds }) => [name, limit, windowSeconds]),
      quotas.map(({ period, limit }) => [period, limit]),
    ]);
    const known = this.known.get(text)?.deref();
    if (known) return known;
    const rules: LimitRules = { windows, quotas };
    this.known.set(text, new WeakRef(rules));
    this.gone.register(rules, text);
    return rules;
  }
}
