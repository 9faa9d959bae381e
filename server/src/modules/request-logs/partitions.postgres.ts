import { setTimeout as sleep } from 'node:timers/promises';
import { ADVISORY_LOCKS } from '../../core/advisory-locks.js';
import type { Clock } from '../../core/clock.js';
import type { Database, Queries } from '../../core/queries.js';
import { addDays, dayOf, daysAhead, expiredDays, partitionDay, partitionName, type Day } from './day.js';

const EVERY_MS = 60 * 60_000;
/** Retry interval after maintenance that failed or could not get its locks. */
const AGAIN_AFTER_MS = 10_000;
const LOCK_WITHIN_MS = 1500;
const TRIES = 8;
const BETWEEN_TRIES_MS = 200;
const LOCK_NOT_AVAILABLE = '55P03';

const isLocked = (error: unknown): boolean => (error as { code?: string }).code === LOCK_NOT_AVAILABLE;

/**
 * Creates the partitions of the request log ahead of time and drops those past the retention. A backup or report that
 * reads the log locks it for hours: maintenance is then postponed, and nobody queues behind it.
 */
export class RequestLogPartitions {
  private days: ReadonlySet<Day> = new Set();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private failing = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    /** How many days rows are kept. */
    private readonly keepDays: number,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Creates partitions that are due, and repeats hourly. Failures are logged and retried. */
  async start(): Promise<void> {
    const done = await this.attempt();
    if (this.closed) return;
    this.timer = setTimeout(() => void this.start(), done ? EVERY_MS : AGAIN_AFTER_MS);
    this.timer.unref();
  }

  /** Stops the hourly maintenance. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /**
   * Whether a partition exists for rows of this moment; rows without one are left out of the log, and nothing waits
   * for it.
   */
  has(atMs: number): boolean {
    return this.days.has(dayOf(atMs));
  }

  /** Brings the partitions up to date. Several processes can do so concurrently. Rejects with any database error. */
  async tend(): Promise<void> {
    const nowMs = this.clock.now();
    this.days = new Set(await this.existing(this.database));
    if (this.missing(nowMs).length > 0) await this.create(nowMs);
    for (const day of expiredDays([...this.days], nowMs, this.keepDays)) await this.drop(day);
  }

  private async attempt(): Promise<boolean> {
    try {
      await this.tend();
      if (this.failing) this.log('The request log partitions are up to date again.');
      this.failing = false;
      return true;
    } catch (error) {
      if (!this.failing) {
        if (isLocked(error))
          this.log('The request log is being read; its partitions will be maintained later.');
        else this.log('The request log partitions could not be maintained.', error);
      }
      this.failing = true;
      return false;
    }
  }

  private missing(nowMs: number): Day[] {
    return daysAhead(nowMs).filter((day) => !this.days.has(day));
  }

  /** Attaches tables, which conflicts with no reader or writer; it only waits for another process that does the same. */
  private async create(nowMs: number): Promise<void> {
    await this.database.transaction(async (queries) => {
      await queries.query(`set local lock_timeout = ${LOCK_WITHIN_MS}`);
      await queries.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.partitions]);
      this.days = new Set(await this.existing(queries));
      for (const day of this.missing(nowMs)) {
        const name = partitionName(day);
        await queries.query(`create table ${name} (like request_log including all)`);
        await queries.query(`alter table request_log attach partition ${name}
          for values from ('${day} 00:00:00+00') to ('${addDays(day, 1)} 00:00:00+00')`);
      }
    });
    this.days = new Set([...this.days, ...daysAhead(nowMs)]);
  }

  /** Takes the locks only if they are free: waiting for them would block every reader and writer. */
  private async drop(day: Day): Promise<void> {
    const name = partitionName(day);
    for (let tries = 1; ; tries++) {
      try {
        await this.database.transaction(async (queries) => {
          const [held] = await queries.query<{ taken: boolean }>(
            'select pg_try_advisory_xact_lock($1) as taken',
            [ADVISORY_LOCKS.partitions],
          );
          if (!held!.taken || !(await this.existing(queries)).includes(day)) return;
          await queries.query(`lock table only request_log, only ${name} in access exclusive mode nowait`);
          await queries.query(`drop table ${name}`);
        });
        this.days = new Set([...this.days].filter((each) => each !== day));
        return;
      } catch (error) {
        if (!isLocked(error) || tries === TRIES) throw error;
      }
      await sleep(BETWEEN_TRIES_MS);
    }
  }

  private async existing(queries: Queries): Promise<Day[]> {
    const rows = await queries.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'request_log'::regclass`,
    );
    return rows.flatMap((row) => partitionDay(row.name) ?? []);
  }
}
