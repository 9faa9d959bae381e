import type { Queries } from '../../core/queries.js';
import { periodAt } from '../limits/calendar-quota.js';
import { RESTORED_WINDOW_SECONDS, survivesRestart, type LimitRules } from '../limits/limit-rules.js';
import type { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { PastSpend, PastSpends } from '../limits/rate-limiter.js';
import { BUCKET_MS, bucketStart, type TimeBucket } from '../usage/roll-up.js';
import type { IndexedKey } from '../replica/indexed-key.js';

/** Keys per query. */
const CHUNK = 5000;
/** Counts per minute are kept for a week. */
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

/** What must be known of one key: from which time on, and at which resolution. */
interface Need {
  readonly id: string;
  readonly of: keyof PastSpends;
  readonly bucket: TimeBucket;
  readonly fromMs: number;
}

/** Windows need the finest available resolution, quotas hours: their periods start with one. */
function needsOf({ id, rules: { windows, quotas } }: LimitedKey, nowMs: number): Need[] {
  const needs: Need[] = [];
  const lasting = windows.filter(({ windowSeconds }) => windowSeconds >= RESTORED_WINDOW_SECONDS);
  if (lasting.length > 0) {
    const longestMs = Math.max(...lasting.map(({ windowSeconds }) => windowSeconds * 1000));
    const bucket = longestMs <= MINUTES_REACH_MS ? 'MINUTE' : 'HOUR';
    needs.push({ id, of: 'windows', bucket, fromMs: bucketStart(nowMs - longestMs, bucket) });
  }
  if (quotas.length > 0) {
    const fromMs = Math.min(...quotas.map(({ period }) => periodAt(period, nowMs).startMs));
    needs.push({ id, of: 'quotas', bucket: 'HOUR', fromMs });
  }
  return needs;
}

/** What keys have spent of limits that outlive a process; a key that has spent nothing may be missing. */
export async function readSpends(
  queries: Queries,
  keys: Iterable<LimitedKey>,
  nowMs: number,
): Promise<Map<string, PastSpends>> {
  const groups = new Map<string, Need[]>();
  for (const key of keys) {
    for (const need of needsOf(key, nowMs)) {
      const name = `${need.of} ${need.bucket} ${need.fromMs}`;
      const group = groups.get(name);
      if (group) group.push(need);
      else groups.set(name, [need]);
    }
  }
  const spends = new Map<string, Record<keyof PastSpends, PastSpend[]>>();
  for (const needs of groups.values()) {
    const { of, bucket } = needs[0]!;
    for (const { id, start_ms: atMs, units } of await readRows(queries, needs)) {
      const known = spends.get(id) ?? { windows: [], quotas: [] };
      spends.set(id, known);
      known[of].push({ atMs, untilMs: atMs + BUCKET_MS[bucket], units });
    }
  }
  return spends;
}

function readRows(queries: Queries, needs: readonly Need[]): Promise<Row[]> {
  const { bucket, fromMs } = needs[0]!;
  return queries.query<Row>(
    `select api_key_id as id, (extract(epoch from start) * 1000)::float8 as start_ms, sum(units)::float8 as units
     from usage_${bucket.toLowerCase()} where api_key_id = any($1::text[]) and start >= $2 and units > 0
     group by api_key_id, start order by api_key_id, start`,
    [needs.map(({ id }) => id), new Date(fromMs)],
  );
}

function* limitedOf(keys: Iterable<IndexedKey>): Generator<LimitedKey> {
  for (const { id, traits } of keys) {
    if (!traits.revoked && survivesRestart(traits.limits)) yield { id, rules: traits.limits };
  }
}

/**
 * Charges quotas and windows of an hour or more with what was spent before this process started, so that a restart
 * does not reset them. All usage must already be in the database.
 */
export async function restoreSpentLimits(
  queries: Queries,
  keys: Iterable<IndexedKey>,
  limiter: Pick<MemoryRateLimiter, 'restore'>,
  nowMs: number,
): Promise<void> {
  const limited = [...limitedOf(keys)];
  for (let i = 0; i < limited.length; i += CHUNK) {
    const some = limited.slice(i, i + CHUNK);
    const spends = await readSpends(queries, some, nowMs);
    for (const { id, rules } of some) {
      const spent = spends.get(id);
      if (spent) limiter.restore(id, rules, spent);
    }
  }
}
