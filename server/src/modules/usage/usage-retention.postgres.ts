import { DAY_MS, type Clock } from '../../core/clock.js';
import type { Queries } from '../../core/queries.js';

/** How long counts are kept, in days; undefined: for good. */
export interface UsageRetention {
  readonly requestLogDays: number;
  readonly usageHourDays: number | undefined;
  readonly usageDayDays: number | undefined;
}

/** Counts by the minute, and the ids of reported batches, are asked for during a week. */
const WEEK_DAYS = 7;
const ROWS_AT_ONCE = 5000;
/** Statements for one table in one call, which those who count wait for. */
const MAX_PIECES = 20;

/** Rows that another process is about to delete are passed over. */
const deleteSome = (table: string, column: string): string => `
  with gone as (
    delete from ${table} where ctid = any(array(
      select ctid from ${table} where ${column} < $1 limit ${ROWS_AT_ONCE} for update skip locked)) returning 1)
  select count(*)::int as count from gone`;

/** Deletes counts that are past their retention, a piece at a time; resolves with whether some are left. Error: whatever the database says. */
export async function pruneUsage(
  queries: Queries,
  clock: Clock,
  keep: UsageRetention,
  rest: () => Promise<void>,
): Promise<boolean> {
  let more = false;
  const tables: readonly [table: string, column: string, days: number | undefined][] = [
    ['usage_minute', 'start', WEEK_DAYS],
    ['usage_report', 'at', WEEK_DAYS],
    ['request_log_left_out', 'start', keep.requestLogDays + 1],
    ['usage_hour', 'start', keep.usageHourDays],
    ['usage_day', 'start', keep.usageDayDays],
  ];
  for (const [table, column, days] of tables) {
    if (days === undefined) continue;
    const before = new Date(clock.now() - days * DAY_MS);
    let count = ROWS_AT_ONCE;
    for (let piece = 0; piece < MAX_PIECES && count === ROWS_AT_ONCE; piece++) {
      const [deleted] = await queries.query<{ count: number }>(deleteSome(table, column), [before]);
      count = deleted!.count;
      await rest();
    }
    more ||= count === ROWS_AT_ONCE;
  }
  return more;
}
