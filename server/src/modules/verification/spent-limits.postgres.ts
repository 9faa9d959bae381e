import type { Queries } from '../../core/queries.js';
import { survivesRestart, type LimitRules, type Quota } from '../limits/limit-rules.js';
import type { PastSpend, RateLimiter } from '../limits/rate-limiter.js';
import { BUCKET_MS, bucketStart, type TimeBucket } from '../usage/roll-up.js';
import type { IndexedKey } from './indexed-key.js';

/** Keys that are asked for at once. */
const CHUNK = 5000;
/** Counts by the minute are kept for a week. */
const MINUTES_REACH_MS = 6 * BUCKET_MS.DAY;

interface Row {
  readonly id: string;
  readonly start_ms: number;
  readonly units: number;
}

/** The buckets that say best what the limits of a key need to know, and how far back. */
function neededFrom(rules: LimitRules, nowMs: number): { bucket: TimeBucket; fromMs: number } {
  const longestMs = Math.max(0, ...rules.windows.map(({ windowSeconds }) => windowSeconds * 1000));
  const fromMs = Math.min(nowMs - longestMs, ...rules.quotas.map((quota) => periodStart(quota, nowMs)));
  const bucket = nowMs - fromMs <= MINUTES_REACH_MS ? 'MINUTE' : 'HOUR';
  return { bucket, fromMs: bucketStart(fromMs, bucket) };
}

function periodStart({ period }: Quota, nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), period === 'DAY' ? now.getUTCDate() : 1);
}

/**
 * Charges quotas and windows of an hour and more with what was spent before this process started, so that a restart hands
 * out nothing anew. Everything that was spent must be in the database.
 */
export async function restoreSpentLimits(
  queries: Queries,
  keys: Iterable<IndexedKey>,
  limiter: Pick<RateLimiter, 'restore'>,
  nowMs: number,
): Promise<void> {
  const groups = new Map<string, { bucket: TimeBucket; fromMs: number; keys: IndexedKey[] }>();
  for (const key of keys) {
    if (key.traits.revoked || !survivesRestart(key.traits.limits)) continue;
    const { bucket, fromMs } = neededFrom(key.traits.limits, nowMs);
    const name = `${bucket} ${fromMs}`;
    const group = groups.get(name) ?? { bucket, fromMs, keys: [] };
    groups.set(name, group);
    group.keys.push(key);
  }
  for (const { bucket, fromMs, keys } of groups.values()) {
    for (let i = 0; i < keys.length; i += CHUNK) {
      await restoreSome(queries, keys.slice(i, i + CHUNK), limiter, bucket, fromMs);
    }
  }
}

async function restoreSome(
  queries: Queries,
  keys: readonly IndexedKey[],
  limiter: Pick<RateLimiter, 'restore'>,
  bucket: TimeBucket,
  fromMs: number,
): Promise<void> {
  const rows = await queries.query<Row>(
    `select api_key_id as id, (extract(epoch from start) * 1000)::float8 as start_ms, sum(units)::float8 as units
     from usage_${bucket.toLowerCase()} where api_key_id = any($1::text[]) and start >= $2 and units > 0
     group by api_key_id, start order by api_key_id, start`,
    [keys.map(({ id }) => id), new Date(fromMs)],
  );
  const spends = new Map<string, PastSpend[]>();
  for (const { id, start_ms: atMs, units } of rows) {
    const known = spends.get(id) ?? [];
    spends.set(id, known);
    known.push({ atMs, untilMs: atMs + BUCKET_MS[bucket], units });
  }
  for (const { id, traits } of keys) {
    const spent = spends.get(id);
    if (spent) limiter.restore(id, traits.limits, spent);
  }
}
