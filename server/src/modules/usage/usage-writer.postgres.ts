import type { Clock } from '../../core/clock.js';
import type { Database, Queries } from '../../core/queries.js';
import type { RequestLogPartitions } from '../request-logs/partitions.postgres.js';
import { insertRequestLogs } from '../request-logs/request-log-writer.postgres.js';
import type { Position } from './journal/counters.js';
import { encodeLiveUsage, followerName, LIVE_USAGE_CHANNEL } from './live-usage.js';
import { numberArray, textArray } from '../../core/pg-arrays.js';
import { BUCKET_MS, type TimeBucket } from './roll-up.js';
import type { LastUse, UsageBatch, UsageCount } from './usage-batch.js';
import { UsageOrder } from './usage-order.postgres.js';
import { pruneUsage, type UsageRetention } from './usage-retention.postgres.js';
import type { JournalMark, JournalTally, UsageWriter } from './usage-writer.js';

const SQLSTATE_NO_PARTITION = '23514';

/** Rows per statement: about 10 ms of work. */
const ROWS_AT_ONCE = 1000;

/** Counts of a batch, one array per column; times in milliseconds since 1970. */
const COUNTS = `unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
  t(api_key_id, ms, environment, code, count, units)`;

/** Rows in the same order for all writers, to avoid deadlocks. */
const upsertRollup = (bucket: TimeBucket): string => `
  insert into usage_${bucket.toLowerCase()} as u (api_key_id, start, environment, code, count, units)
  select api_key_id, to_timestamp(ms / ${BUCKET_MS[bucket]} * ${BUCKET_MS[bucket] / 1000}), environment, code,
    sum(count), sum(units)
  from ${COUNTS} group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (api_key_id, start, environment, code)
  do update set count = u.count + excluded.count, units = u.units + excluded.units`;

const UPSERT_TOTAL = `
  insert into usage_total as u (api_key_id, code, count)
  select api_key_id, code, sum(count) from ${COUNTS} group by 1, 2 order by 1, 2
  on conflict (api_key_id, code) do update set count = u.count + excluded.count`;

const COUNTERS = [upsertRollup('MINUTE'), upsertRollup('HOUR'), upsertRollup('DAY'), UPSERT_TOTAL] as const;

const UPSERT_LEFT_OUT = `
  insert into request_log_left_out as u (start, count) select * from unnest($1::timestamptz[], $2::bigint[])
  on conflict (start) do update set count = u.count + excluded.count`;

const MOVE_MARK = `
  update usage_journal set segment = $2, position = $3, sequence = sequence + 1, at = now(),
    counted = counted + $5, counted_batches = counted_batches + 1
  where node = $1 and sequence = $4 returning sequence`;

/** Adds reported verifications; only the transaction knows how many are new. */
const COUNT_REPORTED = `update usage_journal set counted = counted + $2 where node = $1`;

/** Whether the sort columns are a minute behind: indexed columns are not written with each count. */
const ORDER_IS_DUE = `(u.order_last_used_at is null or excluded.last_used_at >= u.order_last_used_at + interval '1 minute')`;

/** Skips a key that was deleted meanwhile. */
const UPSERT_KEY = `
  insert into api_key_usage as u (api_key_id, total, last_used_at, previous_secret_last_used_at)
  select t.id, t.total, to_timestamp(t.used / 1000.0), to_timestamp(t.previous / 1000.0)
  from unnest($1::text[], $2::bigint[], $3::float8[], $4::float8[]) t(id, total, used, previous)
  join api_key k on k.id = t.id
  order by t.id
  on conflict (api_key_id) do update set total = u.total + excluded.total,
    last_used_at = greatest(u.last_used_at, excluded.last_used_at),
    previous_secret_last_used_at = greatest(u.previous_secret_last_used_at, excluded.previous_secret_last_used_at),
    order_total = case when ${ORDER_IS_DUE} then u.total + excluded.total else u.order_total end,
    order_last_used_at = case when ${ORDER_IS_DUE} then greatest(u.last_used_at, excluded.last_used_at)
      else u.order_last_used_at end`;

/**
 * Reported batches that are new here, in the same order for all writers; concurrent writers of the same batch wait
 * for each other.
 */
const NOTE_REPORTS = `
  insert into usage_report (id) select * from unnest($1::uuid[]) on conflict (id) do nothing returning id`;

/** Whether anyone listens to live usage: publishing it to nobody costs as much as counting it. */
const IS_FOLLOWED = `
  select 1 from pg_stat_activity where datname = current_database() and application_name = $1 limit 1`;

function* piecesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The counts as parameters of {@link COUNTS}, in pieces of one size. */
function countParametersOf(counts: Iterable<UsageCount>): string[][] {
  const ordered = [...counts].sort((a, b) => compare(a.apiKeyId, b.apiKeyId));
  return Array.from(piecesOf(ordered, ROWS_AT_ONCE), (rows) => [
    textArray(rows.map((row) => row.apiKeyId)),
    numberArray(rows.map((row) => row.startMs)),
    textArray(rows.map((row) => row.environment)),
    textArray(rows.map((row) => row.code)),
    numberArray(rows.map((row) => row.count)),
    numberArray(rows.map((row) => row.units)),
  ]);
}

/** When and how often keys were used, as parameters of {@link UPSERT_KEY}. */
function keyParametersOf(counts: Iterable<UsageCount>, uses: ReadonlyMap<string, LastUse>): string[][] {
  const totals = new Map<string, number>();
  for (const { apiKeyId, count } of counts) totals.set(apiKeyId, (totals.get(apiKeyId) ?? 0) + count);
  return Array.from(piecesOf([...uses.keys()].sort(), ROWS_AT_ONCE), (ids) => [
    textArray(ids),
    numberArray(ids.map((id) => totals.get(id) ?? 0)),
    numberArray(ids.map((id) => uses.get(id)!.atMs)),
    `{${ids.map((id) => uses.get(id)!.previousAtMs ?? 'null').join(',')}}`,
  ]);
}

/**
 * Writes batches to PostgreSQL: a batch and the new mark of the journal commit in one transaction, so that each batch
 * counts once.
 */
export class PostgresUsageWriter implements UsageWriter {
  private readonly order: UsageOrder;

  constructor(
    private readonly database: Database,
    private readonly partitions: RequestLogPartitions,
    /** Identifies the journal among all that are written to this database. */
    private readonly node: string,
    private readonly clock: Clock,
    private readonly retention: UsageRetention,
    /** Called between the pieces of a batch. */
    private readonly rest: () => Promise<void>,
  ) {
    this.order = new UsageOrder(database, rest);
  }

  async mark(): Promise<JournalMark> {
    await this.database.query(`insert into usage_journal (node) values ($1) on conflict (node) do nothing`, [
      this.node,
    ]);
    const [row] = await this.database.query<Record<keyof JournalTally | 'segment' | 'position', string>>(
      `select segment, position, sequence, counted, counted_batches as "countedBatches"
       from usage_journal where node = $1`,
      [this.node],
    );
    const { segment, position, sequence, counted, countedBatches } = row!;
    return {
      at: { segment: Number(segment), offset: Number(position) },
      sequence: Number(sequence),
      counted: Number(counted),
      countedBatches: Number(countedBatches),
    };
  }

  async write(batch: UsageBatch, before: JournalMark, after: Position): Promise<UsageBatch | null> {
    try {
      const written = await this.database.transaction(async (queries) => {
        // Whatever is reported as written leaves the journal, so it must also survive a crash of the
        // database.
        await queries.query('set local synchronous_commit = on');
        const moved = await queries.query(MOVE_MARK, [
          this.node,
          after.segment,
          after.offset,
          before.sequence,
          batch.verifications,
        ]);
        if (moved.length === 0) return null;
        const all = await this.withNew(queries, batch);
        const reported = all.verifications - batch.verifications;
        if (reported > 0) await queries.query(COUNT_REPORTED, [this.node, reported]);
        await this.writeBatch(queries, all);
        return all;
      });
      if (written) this.order.noteUsed(written.lastUses.keys());
      return written;
    } catch (error) {
      // Another process may have dropped a partition: check again, so that the next attempt omits those rows.
      if ((error as { code?: string }).code === SQLSTATE_NO_PARTITION) await this.partitions.tend();
      throw error;
    }
  }

  /** Adds the reported batches that no process has written before. */
  private async withNew(queries: Queries, batch: UsageBatch): Promise<UsageBatch> {
    if (batch.reported.size === 0) return batch;
    const ids = [...batch.reported.keys()].sort();
    return batch.withReported((await queries.query<{ id: string }>(NOTE_REPORTS, [ids])).map(({ id }) => id));
  }

  private async writeBatch(queries: Queries, batch: UsageBatch): Promise<void> {
    const rows = batch.rows.filter((row) => this.partitions.has(row.at.getTime()));
    for (const piece of piecesOf(rows, ROWS_AT_ONCE)) {
      await insertRequestLogs(queries, piece);
      await this.rest();
    }
    const counts = countParametersOf(batch.counts.values());
    for (const counter of COUNTERS) await this.each(queries, counter, counts);
    // Keys come last: a regeneration waits for the row locked here.
    await this.each(queries, UPSERT_KEY, keyParametersOf(batch.counts.values(), batch.lastUses));
    await queries.query(UPSERT_LEFT_OUT, [
      [...batch.leftOut.keys()].sort((a, b) => a - b).map((ms) => new Date(ms)),
      [...batch.leftOut.entries()].sort(([a], [b]) => a - b).map(([, count]) => count),
    ]);
    const followers = await queries.query(IS_FOLLOWED, [followerName(LIVE_USAGE_CHANNEL)]);
    if (followers.length === 0) return;
    await queries.query('select pg_notify($1, payload) from unnest($2::text[]) payload', [
      LIVE_USAGE_CHANNEL,
      encodeLiveUsage(batch),
    ]);
  }

  private async each(queries: Queries, statement: string, pieces: readonly string[][]): Promise<void> {
    for (const piece of pieces) {
      await queries.query(statement, piece);
      await this.rest();
    }
  }

  async writeOrder(all: boolean): Promise<void> {
    if (all) this.order.walkAgain();
    await this.order.write();
  }

  prune(): Promise<boolean> {
    return pruneUsage(this.database, this.clock, this.retention, this.rest);
  }
}
