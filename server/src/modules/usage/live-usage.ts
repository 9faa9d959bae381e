import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Environment } from '@keywright/schema/environment';
import type { RequestLog } from '../request-logs/request-log.js';
import type { UsageBatch } from './usage-batch.js';

/** Channel on which every process that shows usage listens (`LISTEN`). */
export const LIVE_USAGE_CHANNEL = 'keywright_usage';

/** Name of a connection that listens to a channel; senders notify the channel only if such a connection exists. */
export const followerName = (channel: string): string => `keywright listener of ${channel}`;

/** PostgreSQL notifications must be shorter than 8,000 bytes. */
const MAX_BYTES = 7900;
/** Maximum rows per batch that are shown live; nobody can follow more. */
const MAX_ROWS = 500;
/** Maximum characters per text of a row that is shown live. */
const MAX_TEXT = 500;

/** Usage of one key in one environment, as counted in a batch. */
export interface LiveCount {
  readonly apiKeyId: string;
  readonly environment: Environment;
  readonly lastUsedAtMs: number;
  readonly byCode: Partial<Record<VerdictCode, number>>;
}

/** What was committed: counts of proven keys, and rows of the request log. */
export interface LiveUsage {
  readonly counts: readonly LiveCount[];
  readonly rows: readonly RequestLog[];
}

function countsOf(batch: UsageBatch): LiveCount[] {
  const counts = new Map<string, LiveCount>();
  for (const { apiKeyId, environment, code, count } of batch.counts.values()) {
    if (apiKeyId === '') continue;
    const name = `${apiKeyId} ${environment}`;
    const lastUsedAtMs = batch.lastUses.get(apiKeyId)?.atMs ?? 0;
    const known = counts.get(name) ?? { apiKeyId, environment, lastUsedAtMs, byCode: {} };
    known.byCode[code] = (known.byCode[code] ?? 0) + count;
    counts.set(name, known);
  }
  return [...counts.values()];
}

const cut = (text: string | null): string | null => text && text.slice(0, MAX_TEXT).toWellFormed();

/** Texts that fit a notification, each an array of as many entries as fit. */
function* chunksOf(member: keyof LiveUsage, entries: Iterable<unknown>): Generator<string> {
  let texts: string[] = [];
  let bytes = 0;
  const close = (): string => `{"${member}":[${texts.join(',')}]}`;
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    const length = Buffer.byteLength(text) + 1;
    if (bytes + length + member.length + 10 > MAX_BYTES && texts.length > 0) {
      yield close();
      texts = [];
      bytes = 0;
    }
    texts.push(text);
    bytes += length;
  }
  if (texts.length > 0) yield close();
}

/** The notifications for a batch. */
export function encodeLiveUsage(batch: UsageBatch): string[] {
  const rows = batch.rows
    .slice(-MAX_ROWS)
    .map((row) => ({ ...row, path: cut(row.path), userAgent: cut(row.userAgent) }));
  return [...chunksOf('counts', countsOf(batch)), ...chunksOf('rows', rows)];
}

/** Reads a notification. Error: SyntaxError if it is not in our format. */
export function decodeLiveUsage(payload: string): LiveUsage {
  const { counts = [], rows = [] } = JSON.parse(payload) as Partial<LiveUsage>;
  return { counts, rows: rows.map((row) => ({ ...row, at: new Date(row.at) })) };
}
