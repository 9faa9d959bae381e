import type { VerdictCode } from '@keywright/schema/verdicts';
import type { DataSource } from 'typeorm';
import { BUCKET_MS, bucketStart, type TimeBucket } from './roll-up.js';
import type { Reach } from '../access/decide/access-set.js';
import { keyWithinReachSql, withinReachSql } from '../access/decide/reach.postgres.js';
import type { UsageStore } from './usage-store.js';
import type { CodeCounts, UsageFilter, UsageRange } from './usage.js';

const TABLES: Readonly<Record<TimeBucket, string>> = {
  MINUTE: 'usage_minute',
  HOUR: 'usage_hour',
  DAY: 'usage_day',
};
const TREND_HOURS = 24;

/** A page requests many keys together: one JSON value is read several times faster than one row per count. */
const TOTALS = `select json_object_agg(id, counts) as counts from (
    select api_key_id as id, json_object_agg(code, count) as counts
    from usage_total where api_key_id = any($1) group by api_key_id) keys`;

const TRENDS = `select json_object_agg(id, hours) as hours from (
    select id, json_object_agg(hour, count) as hours from (
      select api_key_id as id, (extract(epoch from start - $2) / 3600)::int as hour, sum(count)::bigint as count
      from usage_hour where api_key_id = any($1) and start >= $2 group by api_key_id, start) hourly
    group by id) keys`;

interface Row {
  readonly id: string;
  readonly start: Date;
  readonly code: VerdictCode;
  readonly count: number;
}

/** Counts by bucket start. */
function byStart(rows: readonly Row[]): Map<number, CodeCounts> {
  const points = new Map<number, Map<VerdictCode, number>>();
  for (const row of rows) {
    const startMs = row.start.getTime();
    const counts = points.get(startMs) ?? new Map<VerdictCode, number>();
    counts.set(row.code, Number(row.count));
    points.set(startMs, counts);
  }
  return points;
}

/** Arranges rows in the order of the ids. */
function inOrder<R extends { readonly id: string }>(ids: readonly string[], rows: readonly R[]): R[][] {
  const groups = new Map<string, R[]>(ids.map((id) => [id, []]));
  for (const row of rows) groups.get(row.id)?.push(row);
  return ids.map((id) => groups.get(id)!);
}

/** Reads counts from PostgreSQL. The cost of a chart depends on its points, not on the number of verifications. */
export class PostgresUsageStore implements UsageStore {
  constructor(private readonly dataSource: DataSource) {}

  async totals(apiKeyIds: readonly string[]): Promise<CodeCounts[]> {
    const [row] = (await this.dataSource.query(TOTALS, [apiKeyIds])) as [
      { counts: Record<string, Record<VerdictCode, number>> | null },
    ];
    return apiKeyIds.map((id) => new Map(Object.entries(row.counts?.[id] ?? {}) as [VerdictCode, number][]));
  }

  async trends(apiKeyIds: readonly string[], nowMs: number): Promise<number[][]> {
    const firstMs = bucketStart(nowMs, 'HOUR') - (TREND_HOURS - 1) * BUCKET_MS.HOUR;
    const [row] = (await this.dataSource.query(TRENDS, [apiKeyIds, new Date(firstMs)])) as [
      { hours: Record<string, Record<string, number>> | null },
    ];
    return apiKeyIds.map((id) => {
      const counts = row.hours?.[id] ?? {};
      return Array.from({ length: TREND_HOURS }, (_, hour) => counts[hour] ?? 0);
    });
  }

  async series(apiKeyIds: readonly string[], range: UsageRange): Promise<ReadonlyMap<number, CodeCounts>[]> {
    const rows: Row[] = await this.dataSource.query(
      `select api_key_id as id, start, code, sum(count)::bigint as count from ${TABLES[range.bucket]}
       where api_key_id = any($1) and start >= $2 and start < $3 group by api_key_id, start, code`,
      [apiKeyIds, new Date(range.fromMs), new Date(range.toMs)],
    );
    return inOrder(apiKeyIds, rows).map(byStart);
  }

  async sums(range: UsageRange, filter: UsageFilter, reach: Reach): Promise<ReadonlyMap<number, CodeCounts>> {
    const parameters: unknown[] = [
      new Date(range.fromMs),
      new Date(range.toMs),
      filter.apiKeyIds,
      filter.environment,
    ];
    const within = keyWithinReachSql('api_key_id', reach, (value) => `$${parameters.push(value)}`);
    const rows: Row[] = await this.dataSource.query(
      `select start, code, sum(count)::bigint as count from ${TABLES[range.bucket]}
       where start >= $1 and start < $2 and ($3::text[] is null or api_key_id = any($3))
         and ($4::text is null or environment = $4) and ${within} group by start, code`,
      parameters,
    );
    return byStart(rows);
  }

  async top(
    range: UsageRange,
    limit: number,
    reach: Reach,
  ): Promise<{ readonly apiKeyId: string; readonly counts: CodeCounts }[]> {
    const parameters: unknown[] = [new Date(range.fromMs), new Date(range.toMs), limit];
    const within = withinReachSql('k.scope_id', reach, (value) => `$${parameters.push(value)}`);
    const rows: Row[] = await this.dataSource.query(
      `with busy as (
         select u.api_key_id, sum(u.count) as total from ${TABLES[range.bucket]} u
         where u.start >= $1 and u.start < $2 and exists (select from api_key k where k.id = u.api_key_id and ${within})
         group by u.api_key_id order by total desc, u.api_key_id limit $3)
       select u.api_key_id as id, u.code, sum(u.count)::bigint as count
       from busy join ${TABLES[range.bucket]} u using (api_key_id)
       where u.start >= $1 and u.start < $2
       group by u.api_key_id, u.code, busy.total order by busy.total desc, u.api_key_id`,
      parameters,
    );
    const ids = [...new Set(rows.map((row) => row.id))];
    return inOrder(ids, rows).map((group, i) => ({
      apiKeyId: ids[i]!,
      counts: new Map(group.map((row) => [row.code, Number(row.count)])),
    }));
  }
}
