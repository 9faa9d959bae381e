import type { DataSource } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import { AppError, badInput } from '../../core/errors.js';
import { isId, timeOfId } from '../../core/id.js';
import { encodeCursor, parsePage, toPage } from '../../core/page.js';
import type { Reach } from '../access/decide/access-set.js';
import { keyWithinReachSql } from '../access/decide/reach.postgres.js';
import { LOG_COLUMNS, PostgresLogReader } from './log-reader.postgres.js';
import { searchBack, StepTimeout, type LogPosition } from './log-search.js';
import type { LogPageArgs, RequestLogPage, RequestLogStore } from './request-log-store.js';
import type { RequestLog, RequestLogFilter } from './request-log.js';

/** The end of the year 9999. */
const LAST_INSTANT_MS = Date.UTC(10_000, 0) - 1;
const LIST = 'request-logs';

/** Maximum difference between the time in an id and the time of its row. */
const AROUND_MS = 60_000;

/** Where a page starts; error: BAD_USER_INPUT for a forged cursor. */
function positionOf([atMs, id]: readonly (string | number | null)[]): LogPosition {
  if (
    !Number.isSafeInteger(atMs) ||
    Number(atMs) < 0 ||
    Number(atMs) > LAST_INSTANT_MS ||
    typeof id !== 'string' ||
    !isId('req', id)
  ) {
    const message = 'This cursor does not belong to this list. Start again without it.';
    throw badInput([{ path: 'after', message }]);
  }
  return { at: new Date(Number(atMs)), id };
}

const cursorOf = ({ at, id }: LogPosition): string => encodeCursor(LIST, [at.getTime(), id]);

/** Throws UNAVAILABLE in place of a step that is too slow even at its smallest size. */
function explain(error: unknown): never {
  if (!(error instanceof StepTimeout)) throw error;
  const message =
    'The database took too long to search the request log. Try again, or search a shorter time range.';
  throw new AppError('UNAVAILABLE', message, { cause: error });
}

/** Request logs in PostgreSQL, partitioned by day. */
export class PostgresRequestLogStore implements RequestLogStore {
  constructor(
    private readonly dataSource: DataSource,
    /** Monotonic. */
    private readonly clock: Clock,
  ) {}

  async find(id: string, reach: Reach): Promise<RequestLog | null> {
    if (!isId('req', id)) return null;
    const madeAtMs = timeOfId(id);
    // The id contains the day, so that only one partition is searched.
    const parameters: unknown[] = [id, new Date(madeAtMs - AROUND_MS), new Date(madeAtMs + AROUND_MS)];
    const within = keyWithinReachSql('api_key_id', reach, (value) => `$${parameters.push(value)}`);
    const rows: RequestLog[] = await this.dataSource.query(
      `select ${LOG_COLUMNS} from request_log where id = $1 and at between $2 and $3 and ${within}`,
      parameters,
    );
    return rows[0] ?? null;
  }

  async list(filter: RequestLogFilter, args: LogPageArgs, reach: Reach): Promise<RequestLogPage> {
    const page = parsePage(args, LIST, 2);
    const from = page.cursor ? positionOf(page.cursor) : null;
    if (filter.code?.length === 0 || filter.status?.length === 0) {
      return { ...toPage<RequestLog>(page, [], cursorOf), searchedTo: null };
    }
    const reader = new PostgresLogReader(this.dataSource, filter, reach);
    const wanted = page.limit + 1;
    if (reader.isIndexed) {
      return { ...toPage(page, await reader.read(from, null, wanted), cursorOf), searchedTo: null };
    }
    const { rows, stoppedAt } = await searchBack(reader, from, wanted, this.clock).catch(explain);
    const found = toPage(page, rows, cursorOf);
    if (!stoppedAt) return { ...found, searchedTo: null };
    return { ...found, hasNextPage: true, endCursor: cursorOf(stoppedAt), searchedTo: stoppedAt.at };
  }

  async leftOut(at: RequestLogFilter['at']): Promise<number> {
    const [row] = (await this.dataSource.query(
      `select coalesce(sum(count), 0)::bigint as count from request_log_left_out
       where ($1::timestamptz is null or start >= date_trunc('minute', $1::timestamptz)) and ($2::timestamptz is null or start < $2)`,
      [at?.from ?? null, at?.to ?? null],
    )) as [{ count: number }];
    return Number(row.count);
  }
}
