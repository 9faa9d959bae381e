import type { LicenseQuery } from '../../gql/graphql.js';
import { formatCount } from '../../lib/number.js';

/** License limit and usage. */
export type License = LicenseQuery['license'];

/** Status of a license; the most severe one applies. */
export type LicenseState = 'unlimited' | 'fine' | 'close' | 'full' | 'ended';

const CLOSE_TO_FULL = 0.9;

/** Whether keys can still be created, and whether that is about to change. */
export function stateOf({ maximumKeys, usedKeys, validUntil }: License, now: number): LicenseState {
  if (validUntil && Date.parse(validUntil) <= now) return 'ended';
  if (maximumKeys == null) return 'unlimited';
  if (usedKeys >= maximumKeys) return 'full';
  return usedKeys >= maximumKeys * CLOSE_TO_FULL ? 'close' : 'fine';
}

const keys = (count: number): string => `${formatCount(count)} ${count === 1 ? 'key' : 'keys'}`;

/** Usage and limit in one sentence. */
export function usageWords({ maximumKeys, usedKeys }: License): string {
  if (maximumKeys == null) return 'Create as many as you like.';
  const left = maximumKeys - usedKeys;
  if (left > 0) return `${formatCount(left)} more ${left === 1 ? 'key' : 'keys'} can be created.`;
  return left === 0
    ? 'No more keys can be created.'
    : `${keys(-left)} above the limit; no more can be created.`;
}

/** How full the meter is, in percent. */
export function percentUsed({ maximumKeys, usedKeys }: License): number {
  if (!maximumKeys) return 100;
  return Math.min(100, Math.round((usedKeys / maximumKeys) * 100));
}
