import { toValue, type MaybeRefOrGetter } from 'vue';
import { client } from '../apollo/client.js';
import { useSubscription } from '../apollo/use-subscription.js';
import type { UsageSubscription as UsageData } from '../gql/graphql.js';
import { useSession } from '../stores/session.js';
import { KeyChangedSubscription, UsageSubscription } from '../operations/keys.js';

export type Tick = UsageData['usage'];

/** A cached key; its fields depend on the queries run so far. */
interface CachedTotals {
  total: number;
  accepted?: number;
  refused?: number;
}

function addToTotals(totals: CachedTotals, tick: Tick): CachedTotals {
  return {
    ...totals,
    total: totals.total + tick.total,
    ...(totals.accepted === undefined ? {} : { accepted: totals.accepted + tick.accepted }),
    ...(totals.refused === undefined ? {} : { refused: totals.refused + tick.refused }),
  };
}

function addToLast(counts: readonly number[], more: number): number[] {
  return counts.map((count, index) => (index === counts.length - 1 ? count + more : count));
}

/** Adds the usage since the last tick to the cached key, and so to everything on screen. */
function applyTick(tick: Tick): void {
  if (!tick.apiKeyId) return;
  client.cache.modify({
    id: client.cache.identify({ __typename: 'ApiKey', id: tick.apiKeyId }),
    fields: {
      usage: (value: unknown) => addToTotals(value as CachedTotals, tick),
      usageTrend: (value: unknown) => addToLast(value as readonly number[], tick.total),
      lastUsedAt: (value: unknown) => tick.lastUsedAt ?? (value as string | null),
    },
  });
}

/** Keeps the given keys up to date: their usage, and every change to any key by anyone. */
export function useLiveKeys(
  ids: MaybeRefOrGetter<{ apiKeyIds: string[] } | null>,
  handlers: { onTick?: (tick: Tick) => void; onChange?: (id: string, action: string) => void },
): void {
  const session = useSession();
  const counted = () => (session.may('keywright.usage.read') ? toValue(ids) : null);
  useSubscription(UsageSubscription, counted, ({ usage }) => {
    applyTick(usage);
    handlers.onTick?.(usage);
  });
  useSubscription(
    KeyChangedSubscription,
    {},
    ({ apiKeyChanged }) => handlers.onChange?.(apiKeyChanged.apiKey.id, apiKeyChanged.action),
    { fetchPolicy: 'network-only' },
  );
}
