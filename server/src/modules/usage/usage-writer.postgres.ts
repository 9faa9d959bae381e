import type { Database, Queries } from '../../core/queries.js';
import type { RequestLogPartitions } from '../request-logs/partitions.postgres.js';
import { insertRequestLogs } from '../request-logs/request-log-writer.postgres.js';
import type { Position } from './journal/counters.js';
import { encodeLiveUsage, LIVE_USAGE_CHANNEL } from './live-usage.js';
import { rollUp } from './roll-up.js';
import type { LastUse, UsageBatch, UsageCount } from './usage-batch.js';
import type { JournalMark, UsageWriter } from './usage-writer.js';

const SQLSTATE_NO_PARTITION = '23514';

const upsertRollup = (bucket: string): string => `
  insert into usage_${bucket} as u (api_key_id, start, environment, code, count, units)
  select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
  on conflict (api_key_id, start, environment, code)
  do update set count = u.count + excluded.count, units = u.units + excluded.units`;

const UPSERT_TOTAL = `
  insert into usage_total as u (api_key_id, code, count)
  select api_key_id, code, sum(count) from unnest($1::text[], $2::text[], $3::bigint[]) t(api_key_id, code, count)
  group by api_key_id, code order by api_key_id, code
  on conflict (api_key_id, code) do update set count = u.count + excluded.count`;

const UPSERT_LEFT_OUT = `
  insert into request_log_left_out as u (start, count) select * from unnest($1::timestamptz[], $2::bigint[])
  on conflict (start) do update set count = u.count + excluded.count`;

const MOVE_MARK = `
  update usage_journal set segment = $2, position = $3, sequence = sequence + 1, at = now()
  where node = $1 and sequence = $4 returning sequence`;

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
  queries: Queries,
  bucket: 'minute' | 'hour' | 'day',
  counts: readonly UsageCount[],
): Promise<void> {
  const rows = ordered(rollUp(counts, bucket));
  await queries.query(upsertRollup(bucket), [
    rows.map((row) => row.apiKeyId),
    rows.map((row) => new Date(row.startMs)),
    rows.map((row) => row.environment),
    rows.map((row) => row.code),
    rows.map((row) => row.count),
    rows.map((row) => row.units),
  ]);
}

async function writeKeys(
  queries: Queries,
  counts: readonly UsageCount[],
  uses: ReadonlyMap<string, LastUse>,
): Promise<void> {
  const totals = new Map<string, number>();
  for (const { apiKeyId, count } of counts) totals.set(apiKeyId, (totals.get(apiKeyId) ?? 0) + count);
  const ids = [...uses.keys()].sort();
  const dateOf = (ms: number | null | undefined): Date | null => (ms == null ? null : new Date(ms));
  await queries.query(UPSERT_KEY, [
    ids,
    ids.map((id) => totals.get(id) ?? 0),
    ids.map((id) => dateOf(uses.get(id)!.atMs)),
    ids.map((id) => dateOf(uses.get(id)!.previousAtMs)),
  ]);
}

/** Writes batches to PostgreSQL: all of a batch in one transaction that moves the mark of the journal, so that it counts once. */
export class PostgresUsageWriter implements UsageWriter {
  constructor(
    private readonly database: Database,
    private readonly partitions: RequestLogPartitions,
    /** Names the journal among all that are written to this database. */
    private readonly node: string,
  ) {}

  async mark(): Promise<JournalMark> {
    await this.database.query(`insert into usage_journal (node) values ($1) on conflict do nothing`, [
      this.node,
    ]);
    const [row] = await this.database.query<{ segment: string; position: string; sequence: string }>(
      'select segment, position, sequence from usage_journal where node = $1',
      [this.node],
    );
    const { segment, position, sequence } = row!;
    return { at: { segment: Number(segment), offset: Number(position) }, sequence: Number(sequence) };
  }

  async write(batch: UsageBatch, before: JournalMark, after: Position): Promise<boolean> {
    const counts = [...batch.counts.values()];
    try {
      return await this.database.transaction(async (queries) => {
        // What is told to be written leaves the journal: it must outlive the end of the database as well.
        await queries.query('set local synchronous_commit = on');
        const moved = await queries.query(MOVE_MARK, [
          this.node,
          after.segment,
          after.offset,
          before.sequence,
        ]);
        if (moved.length === 0) return false;
        const rows = batch.rows.filter((row) => this.partitions.has(row.at.getTime()));
        await insertRequestLogs(queries, rows);
        for (const bucket of ['minute', 'hour', 'day'] as const) await writeRollup(queries, bucket, counts);
        await queries.query(UPSERT_TOTAL, [
          counts.map((row) => row.apiKeyId),
          counts.map((row) => row.code),
          counts.map((row) => row.count),
        ]);
        await writeKeys(queries, counts, batch.lastUses);
        await queries.query(UPSERT_LEFT_OUT, [
          [...batch.leftOut.keys()].sort((a, b) => a - b).map((ms) => new Date(ms)),
          [...batch.leftOut.entries()].sort(([a], [b]) => a - b).map(([, count]) => count),
        ]);
        await queries.query('select pg_notify($1, payload) from unnest($2::text[]) payload', [
          LIVE_USAGE_CHANNEL,
          encodeLiveUsage(batch),
        ]);
        return true;
      });
    } catch (error) {
      // Another process may have dropped a partition: look again, so that the next attempt leaves those rows out.
      if ((error as { code?: string }).code === SQLSTATE_NO_PARTITION) await this.partitions.tend();
      throw error;
    }
  }

  async prune(): Promise<void> {
    await this.database.query(`delete from usage_minute where start < now() - interval '7 days'`);
  }
}
