import type { Queries } from '../../core/queries.js';
import { periodAt } from '../limits/calendar-quota.js';
import { survivesRestart, type LimitRules } from '../limits/limit-rules.js';
import type { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { PastSpend } from '../limits/rate-limiter.js';
import { BUCKET_MS, bucketStart, type TimeBucket } from '../usage/roll-up.js';
import type { IndexedKey } from './indexed-key.js';

/** Keys that are asked for at once. */
const CHUNK = 5000;
/** Counts by the minute are kept for a week. */
const MINUTES_REACH_MS = 6 * BUCKET_MS.DAY;

/** A key with limits. */
export interface LimitedKey {
  readonly id: string;
  readonly rules: LimitRules;
}

interface Row {
  readonly id: string;
  readonly start_ms: number;
  readonly units: number;
}

/** The buckets that say best what the limits of a key need to know, and how far back. */
function neededFrom(rules: LimitRules, nowMs: number): { bucket: TimeBucket; fromMs: number } {
  const longestMs = Math.max(0, ...rules.windows.map(({ windowSeconds }) => windowSeconds * 1000));
  const fromMs = Math.min(
    nowMs - longestMs,
    ...rules.quotas.map(({ period }) => periodAt(period, nowMs).startMs),
  );
  const bucket = nowMs - fromMs <= MINUTES_REACH_MS ? 'MINUTE' : 'HOUR';
  return { bucket, fromMs: bucketStart(fromMs, bucket) };
}

async function* readSpends(
  queries: Queries,
  keys: Iterable<LimitedKey>,
  nowMs: number,
): AsyncGenerator<LimitedKey & { readonly spends: readonly PastSpend[] }> {
  const groups = new Map<string, { bucket: TimeBucket; fromMs: number; keys: LimitedKey[] }>();
  for (const key of keys) {
    const { bucket, fromMs } = neededFrom(key.rules, nowMs);
    const name = `${bucket} ${fromMs}`;
    const group = groups.get(name) ?? { bucket, fromMs, keys: [] };
    groups.set(name, group);
    group.keys.push(key);
  }
  for (const { bucket, fromMs, keys } of groups.values()) {
    for (let i = 0; i < keys.length; i += CHUNK) {
      yield* readSome(queries, keys.slice(i, i + CHUNK), bucket, fromMs);
    }
  }
}

async function* readSome(
  queries: Queries,
  keys: readonly LimitedKey[],
  bucket: TimeBucket,
  fromMs: number,
): AsyncGenerator<LimitedKey & { readonly spends: readonly PastSpend[] }> {
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
  for (const key of keys) {
    const spent = spends.get(key.id);
    if (spent) yield { ...key, spends: spent };
  }
}

/** What keys have spent of limits that outlive a process, oldest first; a key that has spent nothing may be missing. */
export async function spendsOf(
  queries: Queries,
  keys: Iterable<LimitedKey>,
  nowMs: number,
): Promise<Map<string, readonly PastSpend[]>> {
  const spends = new Map<string, readonly PastSpend[]>();
  for await (const each of readSpends(queries, keys, nowMs)) spends.set(each.id, each.spends);
  return spends;
}

function* limitedOf(keys: Iterable<IndexedKey>): Generator<LimitedKey> {
  for (const { id, traits } of keys) {
    if (!traits.revoked && survivesRestart(traits.limits)) yield { id, rules: traits.limits };
  }
}

/**
 * Charges quotas and windows of an hour and more with what was spent before this process started, so that a restart hands
 * out nothing anew. Everything that was spent must be in the database.
 */
export async function restoreSpentLimits(
  queries: Queries,
  keys: Iterable<IndexedKey>,
  limiter: Pick<MemoryRateLimiter, 'restore'>,
  nowMs: number,
): Promise<void> {
  for await (const { id, rules, spends } of readSpends(queries, limitedOf(keys), nowMs)) {
    limiter.restore(id, rules, spends);
  }
}
