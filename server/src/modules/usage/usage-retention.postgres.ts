import { DAY_MS, type Clock } from '../../core/clock.js';
import type { Queries } from '../../core/queries.js';

/** How long counts are kept, in days; undefined means forever. */
export interface UsageRetention {
  readonly requestLogDays: number;
  readonly usageHourDays: number | undefined;
  readonly usageDayDays: number | undefined;
}

/** Counts per minute and the ids of reported batches are needed for a week. */
const WEEK_DAYS = 7;
const ROWS_AT_ONCE = 5000;
/** Maximum statements per table and call, since writers of counts wait for them. */
const MAX_PIECES = 20;

/** Skips rows that another process is deleting. */
const deleteSome = (table: string, column: string): string => `
  with gone as (
    delete from ${table} where ctid = any(array(
      select ctid from ${table} where ${column} < $1 limit ${ROWS_AT_ONCE} for update skip locked)) returning 1)
  select count(*)::int as count from gone`;

/** Deletes counts past their retention in pieces; resolves with whether any are left. Rejects with any database error. */
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
