import type { DataSource } from 'typeorm';
import { badInput } from '../../core/errors.js';
import { isId, timeOfId } from '../../core/id.js';
import { encodeCursor, parsePage, toPage, type Page, type PageArgs } from '../../core/page.js';
import { isStorableText } from '../../core/text.js';
import type { Reach } from '../access/access-set.js';
import { keyWithinReachSql } from '../access/reach.postgres.js';
import type { RequestLogStore } from './request-log-store.js';
import type { RequestLog, RequestLogFilter } from './request-log.js';

/** The end of the year 9999. */
const LAST_INSTANT_MS = Date.UTC(10_000, 0) - 1;
const LIST = 'request-logs';

/** How far the time in an id and the time of its row may lie apart. */
const AROUND_MS = 60_000;

const COLUMNS = `id, at, environment, api_key_id as "apiKeyId", masked_secret as "maskedSecret", code, status, method, path,
  permission, scope_id as "scopeId", ip, user_agent as "userAgent", latency_microseconds as "latencyMicroseconds",
  response_status as "responseStatus", response_milliseconds as "responseMilliseconds", request_bytes as "requestBytes",
  response_bytes as "responseBytes"`;

/** Where a page begins; error: BAD_USER_INPUT for a cursor that was made by hand. */
function positionOf(cursor: readonly (string | number | null)[], path: string): [Date, string] {
  const [atMs, id] = cursor;
  if (
    !Number.isSafeInteger(atMs) ||
    Number(atMs) < 0 ||
    Number(atMs) > LAST_INSTANT_MS ||
    typeof id !== 'string' ||
    !isId('req', id)
  ) {
    throw badInput([{ path, message: 'This cursor does not belong to this list. Start again without it.' }]);
  }
  return [new Date(Number(atMs)), id];
}

/** Request logs in PostgreSQL, partitioned by day. */
export class PostgresRequestLogStore implements RequestLogStore {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string, reach: Reach): Promise<RequestLog | null> {
    if (!isId('req', id)) return null;
    const madeAtMs = timeOfId(id);
    // The id tells the day, so that one partition is searched and not all of them.
    const parameters: unknown[] = [id, new Date(madeAtMs - AROUND_MS), new Date(madeAtMs + AROUND_MS)];
    const within = keyWithinReachSql('api_key_id', reach, (value) => `$${parameters.push(value)}`);
    const rows: RequestLog[] = await this.dataSource.query(
      `select ${COLUMNS} from request_log where id = $1 and at between $2 and $3 and ${within}`,
      parameters,
    );
    return rows[0] ?? null;
  }

  async list(filter: RequestLogFilter, args: PageArgs, reach: Reach): Promise<Page<RequestLog>> {
    const page = parsePage(args, LIST, 2);
    const parameters: unknown[] = [];
    const conditions = ['true'];
    const value = (given: unknown): string => `$${parameters.push(given)}`;
    const where = (given: unknown, sql: (parameter: string) => string): void => {
      if (given == null) return;
      if (typeof given === 'string' && !isStorableText(given)) conditions.push('false');
      else conditions.push(sql(value(given)));
    };
    conditions.push(keyWithinReachSql('api_key_id', reach, value));
    where(filter.apiKeyId, (p) => `api_key_id = ${p}`);
    where(filter.environment, (p) => `environment = ${p}`);
    where(filter.code, (p) => `code = any(${p}::text[])`);
    where(filter.status, (p) => `status = any(${p}::int[])`);
    where(filter.method, (p) => `method = ${p}`);
    where(filter.pathPrefix, (p) => `starts_with(path, ${p})`);
    where(filter.ip, (p) => `ip = ${p}`);
    where(filter.at?.from, (p) => `at >= ${p}`);
    where(filter.at?.to, (p) => `at < ${p}`);
    if (page.cursor) {
      const [at, id] = positionOf(page.cursor, page.backwards ? 'before' : 'after');
      conditions.push(`(at, id) ${page.backwards ? '>' : '<'} (${value(at)}::timestamptz, ${value(id)})`);
    }
    const direction = page.backwards ? 'asc' : 'desc';
    const rows: RequestLog[] = await this.dataSource.query(
      `select ${COLUMNS} from request_log where ${conditions.join(' and ')}
       order by at ${direction}, id ${direction} limit ${page.limit + 1}`,
      parameters,
    );
    return toPage(page, rows, (row) => encodeCursor(LIST, [row.at.getTime(), row.id]));
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
