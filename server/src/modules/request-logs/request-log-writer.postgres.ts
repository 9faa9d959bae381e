import { numberArray, textArray } from '../../core/pg-arrays.js';
import type { Queries } from '../../core/queries.js';
import type { RequestLog } from './request-log.js';

interface Column {
  readonly name: string;
  /** The type of the array's items. */
  readonly type: string;
  /** The values as an array. */
  readonly array: (logs: readonly RequestLog[]) => string;
  /** The column from an item; absent if it is the item. */
  readonly from?: string;
}

const text = (name: string, value: (log: RequestLog) => string | null): Column => ({
  name,
  type: 'text',
  array: (logs) => textArray(logs.map(value)),
});
const number = (name: string, type: string, value: (log: RequestLog) => number | null): Column => ({
  name,
  type,
  array: (logs) => numberArray(logs.map(value)),
});

/** Columns that a verification fills, with their types and their values as arrays. */
const COLUMNS: readonly Column[] = [
  text('id', (log) => log.id),
  { ...number('at', 'bigint', (log) => log.at.getTime()), from: 'to_timestamp(at / 1000.0)' },
  text('environment', (log) => log.environment),
  text('api_key_id', (log) => log.apiKeyId),
  text('masked_secret', (log) => log.maskedSecret),
  text('code', (log) => log.code),
  number('status', 'smallint', (log) => log.status),
  text('method', (log) => log.method),
  text('path', (log) => log.path),
  text('permission', (log) => log.permission),
  text('scope_id', (log) => log.scopeId),
  text('ip', (log) => log.ip),
  text('user_agent', (log) => log.userAgent),
  number('latency_microseconds', 'integer', (log) => log.latencyMicroseconds),
];

const NAMES = COLUMNS.map(({ name }) => name).join(', ');

const INSERT = `insert into request_log (${NAMES})
  select ${COLUMNS.map(({ name, from = name }) => from).join(', ')}
  from unnest(${COLUMNS.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')}) as t(${NAMES})
  on conflict (at, id) do nothing`;

/**
 * Inserts rows in one statement, within the caller's transaction. A partition must exist for every day. Ids can come
 * from callers that report usage: a second row with the same id and time is skipped and does not block others.
 */
export async function insertRequestLogs(queries: Queries, logs: readonly RequestLog[]): Promise<void> {
  if (logs.length === 0) return;
  await queries.query(
    INSERT,
    COLUMNS.map(({ array }) => array(logs)),
  );
}
