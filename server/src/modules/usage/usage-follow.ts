import type { VerdictCode } from '@keywright/schema/verdicts';
import type { AccessSet } from '../access/decide/access-set.js';
import { mayHear, type Located } from '../access/decide/located.js';
import type { Select } from '../../core/live-bus.js';
import type { Environment } from '@keywright/schema/environment';
import type { UsageTick } from './usage-ticker.js';
import { totalsOf, type UsageFilter, type UsageTotals } from './usage.js';

/** Maximum number of keys with individual ticks per message; further ones are summed up. */
const MAX_TICKS = 200;

/** A tick as subscribers receive it. */
export interface SentTick extends UsageTotals {
  readonly at: Date;
  readonly apiKeyId: string | null;
  readonly environment: Environment | null;
  readonly lastUsedAt: Date | null;
}

const toSent = ({ byCode, ...tick }: UsageTick): SentTick => ({ ...tick, ...totalsOf(byCode) });

/** Combines the ticks of many keys into one. */
function sumUp(ticks: readonly UsageTick[]): SentTick {
  const counts = new Map<VerdictCode, number>();
  for (const tick of ticks) {
    for (const [code, count] of tick.byCode) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  const lastUsedAt = new Date(Math.max(...ticks.map((tick) => tick.lastUsedAt.getTime())));
  return { at: ticks[0]!.at, apiKeyId: null, environment: null, lastUsedAt, ...totalsOf(counts) };
}

/** A published tick with the scope of its key. */
export type LocatedTick = UsageTick & Located;

/** The published ticks that one subscriber receives. */
export function followUsage(filter: UsageFilter, access: AccessSet): Select {
  const wanted = filter.apiKeyIds === null ? null : new Set(filter.apiKeyIds);
  return (payload) => {
    const ticks = (payload as readonly LocatedTick[]).filter(
      (tick) =>
        (wanted === null || wanted.has(tick.apiKeyId)) &&
        (filter.environment === null || filter.environment === tick.environment) &&
        mayHear(access, 'keywright.usage.read', tick),
    );
    const sent = ticks.slice(0, MAX_TICKS).map(toSent);
    return ticks.length > MAX_TICKS ? [...sent, sumUp(ticks.slice(MAX_TICKS))] : sent;
  };
}
