import type { Queries } from '../../core/queries.js';
import type { RequestLog } from './request-log.js';

/** Columns that a verification fills, with their types and the source of each value. */
const COLUMNS: readonly [name: string, type: string, value: (log: RequestLog) => unknown][] = [
  ['id', 'text', (log) => log.id],
  ['at', 'timestamptz', (log) => log.at],
  ['environment', 'text', (log) => log.environment],
  ['api_key_id', 'text', (log) => log.apiKeyId],
  ['masked_secret', 'text', (log) => log.maskedSecret],
  ['code', 'text', (log) => log.code],
  ['status', 'smallint', (log) => log.status],
  ['method', 'text', (log) => log.method],
  ['path', 'text', (log) => log.path],
  ['permission', 'text', (log) => log.permission],
  ['scope_id', 'text', (log) => log.scopeId],
  ['ip', 'text', (log) => log.ip],
  ['user_agent', 'text', (log) => log.userAgent],
  ['latency_microseconds', 'integer', (log) => log.latencyMicroseconds],
];

const INSERT = `insert into request_log (${COLUMNS.map(([name]) => name).join(', ')})
  select * from unnest(${COLUMNS.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')})
  on conflict do nothing`;

/**
 * Inserts rows in one statement, within the caller's transaction. A partition must exist for every day. Ids can come
 * from callers that report usage: a second row with the same id and time is skipped and does not block others.
 */
export async function insertRequestLogs(queries: Queries, logs: readonly RequestLog[]): Promise<void> {
  if (logs.length === 0) return;
  await queries.query(
    INSERT,
    COLUMNS.map(([, , value]) => logs.map(value)),
  );
}
