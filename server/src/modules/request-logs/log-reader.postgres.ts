import { QueryFailedError, type DataSource } from 'typeorm';
import { isStorableText } from '../../core/text.js';
import type { Reach } from '../access/decide/access-set.js';
import { keyWithinReachSql } from '../access/decide/reach.postgres.js';
import { StepTimeout, type LogPosition, type LogReader } from './log-search.js';
import type { RequestLog, RequestLogFilter } from './request-log.js';

/** Columns of a {@link RequestLog}. */
export const LOG_COLUMNS = `id, at, environment, api_key_id as "apiKeyId", masked_secret as "maskedSecret", code, status, method, path,
  permission, scope_id as "scopeId", ip, user_agent as "userAgent", latency_microseconds as "latencyMicroseconds",
  response_status as "responseStatus", response_milliseconds as "responseMilliseconds", request_bytes as "requestBytes",
  response_bytes as "responseBytes"`;

/** Canceled by the statement timeout or the lock timeout. */
const TIMED_OUT: ReadonlySet<string | undefined> = new Set(['57014', '55P03']);

type Value = (given: unknown) => string;

/** Conditions that an index answers along with the order: the key and the time range. */
function indexedSql({ apiKeyId, at }: RequestLogFilter, value: Value): string[] {
  const conditions: string[] = [];
  if (apiKeyId != null) {
    conditions.push(isStorableText(apiKeyId) ? `api_key_id = ${value(apiKeyId)}` : 'false');
  }
  if (at?.from) conditions.push(`at >= ${value(at.from)}`);
  if (at?.to) conditions.push(`at < ${value(at.to)}`);
  return conditions;
}

/** Conditions that require reading each row. */
function examinedSql(filter: RequestLogFilter, reach: Reach, value: Value): string[] {
  const within = keyWithinReachSql('api_key_id', reach, value);
  const conditions = within === 'true' ? [] : [within];
  const where = (given: unknown, sql: (parameter: string) => string): void => {
    if (given != null) conditions.push(sql(value(given)));
  };
  where(filter.environment, (p) => `environment = ${p}`);
  where(filter.code, (p) => `code = any(${p}::text[])`);
  where(filter.status, (p) => `status = any(${p}::int[])`);
  where(filter.method, (p) => `method = ${p}`);
  where(filter.pathPrefix, (p) => `starts_with(path, ${p})`);
  where(filter.ip, (p) => `ip = ${p}`);
  return conditions;
}

/** Rows older than one position, back to another. The bare timestamps let PostgreSQL prune whole partitions. */
function betweenSql(from: LogPosition | null, to: LogPosition | null, value: Value): string[] {
  const conditions: string[] = [];
  if (from) {
    const at = `${value(from.at)}::timestamptz`;
    conditions.push(`at <= ${at} and (at, id) < (${at}, ${value(from.id)})`);
  }
  if (to) {
    const at = `${value(to.at)}::timestamptz`;
    conditions.push(`at >= ${at} and (at, id) >= (${at}, ${value(to.id)})`);
  }
  return conditions;
}

/** Reads the partitions of the request log backwards from the newest row. */
export class PostgresLogReader implements LogReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly filter: RequestLogFilter,
    private readonly reach: Reach,
  ) {}

  /** Whether indexes alone find the rows, so that the cost of a page depends only on its rows. */
  get isIndexed(): boolean {
    return examinedSql(this.filter, this.reach, () => '').length === 0;
  }

  async skip(from: LogPosition | null, rows: number): Promise<LogPosition | null> {
    const [position] = await this.query<LogPosition>(
      'id, at',
      (value) => [...indexedSql(this.filter, value), ...betweenSql(from, null, value)],
      `offset ${rows - 1} limit 1`,
    );
    return position ?? null;
  }

  read(from: LogPosition | null, to: LogPosition | null, limit: number): Promise<RequestLog[]> {
    return this.query(
      LOG_COLUMNS,
      (value) => [
        ...indexedSql(this.filter, value),
        ...betweenSql(from, to, value),
        ...examinedSql(this.filter, this.reach, value),
      ],
      `limit ${limit}`,
    );
  }

  private async query<Row>(
    columns: string,
    conditions: (value: Value) => string[],
    range: string,
  ): Promise<Row[]> {
    const parameters: unknown[] = [];
    const where = ['true', ...conditions((given) => `$${parameters.push(given)}`)].join(' and ');
    try {
      return await this.dataSource.query(
        `select ${columns} from request_log where ${where} order by at desc, id desc ${range}`,
        parameters,
      );
    } catch (error) {
      const { code } = (error instanceof QueryFailedError ? error.driverError : {}) as { code?: string };
      if (TIMED_OUT.has(code)) throw new StepTimeout('A step of the search timed out.', { cause: error });
      throw error;
    }
  }
}
