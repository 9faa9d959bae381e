import type { DataSource, EntityManager } from 'typeorm';
import type { RequestLogPartitions } from '../request-logs/partitions.postgres.js';
import { insertRequestLogs } from '../request-logs/request-log-writer.postgres.js';
import type { NumberedBatch } from './recorder.js';
import { rollUp } from './roll-up.js';
import type { UsageCount, LastUse } from './usage-batch.js';
import type { UsageWriter } from './usage-writer.js';

const SQLSTATE_NO_PARTITION = '23514';

const upsertRollup = (bucket: string): string => `
  insert into usage_${bucket} as u (api_key_id, start, environment, code, count)
  select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[])
  on conflict (api_key_id, start, environment, code) do update set count = u.count + excluded.count`;

const UPSERT_TOTAL = `
  insert into usage_total as u (api_key_id, code, count)
  select api_key_id, code, sum(count) from unnest($1::text[], $2::text[], $3::bigint[]) t(api_key_id, code, count)
  group by api_key_id, code order by api_key_id, code
  on conflict (api_key_id, code) do update set count = u.count + excluded.count`;

/** A key that is gone meanwhile is passed over. */
const UPSERT_KEY = `
  insert into api_key_usage as u (api_key_id, total, last_used_at, previous_secret_last_used_at)
  select t.id, t.total, t.used, t.previous
  from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[]) t(id, total, used, previous)
  join api_key k on k.id = t.id
  order by t.id
  on conflict (api_key_id) do update set total = u.total + excluded.total,
    last_used_at = greatest(u.last_used_at, excluded.last_used_at),
    previous_secret_last_used_at = greatest(u.previous_secret_last_used_at, excluded.previous_secret_last_used_at)`;

/** In one order for all writers, so that two of them never wait for each other. */
const ordered = (counts: readonly UsageCount[]): UsageCount[] =>
  [...counts].sort(
    (a, b) =>
      compare(a.apiKeyId, b.apiKeyId) ||
      a.startMs - b.startMs ||
      compare(a.environment, b.environment) ||
      compare(a.code, b.code),
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function writeRollup(
  manager: EntityManager,
  bucket: 'minute' | 'hour' | 'day',
  counts: readonly UsageCount[],
): Promise<void> {
  const rows = ordered(rollUp(counts, bucket));
  await manager.query(upsertRollup(bucket), [
    rows.map((row) => row.apiKeyId),
    rows.map((row) => new Date(row.startMs)),
    rows.map((row) => row.environment),
    rows.map((row) => row.code),
    rows.map((row) => row.count),
  ]);
}

async function writeKeys(
  manager: EntityManager,
  counts: readonly UsageCount[],
  uses: ReadonlyMap<string, LastUse>,
): Promise<void> {
  const totals = new Map<string, number>();
  for (const { apiKeyId, count } of counts) totals.set(apiKeyId, (totals.get(apiKeyId) ?? 0) + count);
  const ids = [...uses.keys()].sort();
  const dateOf = (ms: number | null | undefined): Date | null => (ms == null ? null : new Date(ms));
  await manager.query(UPSERT_KEY, [
    ids,
    ids.map((id) => totals.get(id) ?? 0),
    ids.map((id) => dateOf(uses.get(id)!.atMs)),
    ids.map((id) => dateOf(uses.get(id)!.previousAtMs)),
  ]);
}

/** Writes batches to PostgreSQL: all of a batch in one transaction that carries its number, so that it counts once. */
export class PostgresUsageWriter implements UsageWriter {
  constructor(
    private readonly dataSource: DataSource,
    private readonly partitions: RequestLogPartitions,
    /** Names this process among all that ever wrote. */
    private readonly node: string,
  ) {}

  async write({ number, batch }: NumberedBatch): Promise<void> {
    const counts = [...batch.counts.values()];
    try {
      await this.dataSource.transaction(async (manager) => {
        const fresh: unknown[] = await manager.query(
          'insert into usage_batch (node, batch) values ($1, $2) on conflict do nothing returning batch',
          [this.node, number],
        );
        if (fresh.length === 0) return;
        await insertRequestLogs(
          manager,
          batch.rows.filter((row) => this.partitions.has(row.at.getTime())),
        );
        for (const bucket of ['minute', 'hour', 'day'] as const) await writeRollup(manager, bucket, counts);
        await manager.query(UPSERT_TOTAL, [
          counts.map((row) => row.apiKeyId),
          counts.map((row) => row.code),
          counts.map((row) => row.count),
        ]);
        await writeKeys(manager, counts, batch.lastUses);
      });
    } catch (error) {
      // Another process may have dropped a partition: look again, so that the next attempt leaves those rows out.
      const { code } = ((error as { driverError?: unknown }).driverError ?? {}) as { code?: string };
      if (code === SQLSTATE_NO_PARTITION) await this.partitions.tend();
      throw error;
    }
  }

  async prune(): Promise<void> {
    await this.dataSource.query(`delete from usage_batch where at < now() - interval '1 day'`);
    await this.dataSource.query(`delete from usage_minute where start < now() - interval '7 days'`);
  }
}
