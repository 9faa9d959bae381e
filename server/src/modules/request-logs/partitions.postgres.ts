import { ADVISORY_LOCKS } from '../../core/advisory-locks.js';
import type { Clock } from '../../core/clock.js';
import type { Database, Queries } from '../../core/queries.js';
import { addDays, dayOf, daysAhead, expiredDays, partitionDay, partitionName, type Day } from './day.js';

const EVERY_MS = 60 * 60_000;

/** Makes the partitions of the request log ahead of time and drops those past the retention. */
export class RequestLogPartitions {
  private days: ReadonlySet<Day> = new Set();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    /** How many days rows are kept. */
    private readonly keepDays: number,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Makes what is due, and goes on each hour. Error: whatever the database says at the first time. */
  async start(): Promise<void> {
    await this.tend();
    this.timer = setInterval(() => {
      this.tend().catch((error: unknown) =>
        this.log('Partitions of the request log could not be tended.', error),
      );
    }, EVERY_MS);
    this.timer.unref();
  }

  /** Stops the hourly upkeep. */
  close(): void {
    clearInterval(this.timer);
  }

  /** Whether rows of this moment have a place; without one they are left out of the log, and nothing waits for it. */
  has(atMs: number): boolean {
    return this.days.has(dayOf(atMs));
  }

  /** Brings the partitions up to date. Several processes may do so at once. */
  async tend(): Promise<void> {
    const nowMs = this.clock.now();
    await this.database.transaction(async (queries) => {
      await queries.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.partitions]);
      const found = new Set(await this.existing(queries));
      for (const day of daysAhead(nowMs).filter((due) => !found.has(due))) {
        await queries.query(`create table ${partitionName(day)} partition of request_log
          for values from ('${day} 00:00:00+00') to ('${addDays(day, 1)} 00:00:00+00')`);
        found.add(day);
      }
      for (const day of expiredDays([...found], nowMs, this.keepDays)) {
        await queries.query(`drop table ${partitionName(day)}`);
        found.delete(day);
      }
      this.days = found;
    });
  }

  private async existing(queries: Queries): Promise<Day[]> {
    const rows = await queries.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'request_log'::regclass`,
    );
    return rows.flatMap((row) => partitionDay(row.name) ?? []);
  }
}
