import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import { yieldProcess, yieldThread } from '../core/background.js';
import { monotonicClock, systemClock } from '../core/clock.js';
import type { StatementBounds } from '../database/bounded-client.js';
import { parseDatabaseUrl, type Connection } from '../database/connection.js';
import { ReconnectingClient } from '../database/reconnecting-client.js';
import { RequestLogPartitions } from '../modules/request-logs/partitions.postgres.js';
import type { FlusherOrder, FlusherReport } from '../modules/usage/flusher-thread.js';
import { UsageFlusher } from '../modules/usage/flusher.js';
import { Pace } from '../modules/usage/pace.js';
import { JournalCounters } from '../modules/usage/journal/counters.js';
import { JournalTallies } from '../modules/usage/journal/journal-tallies.js';
import { JournalReader } from '../modules/usage/journal/journal-reader.js';
import { removeSegmentsBefore } from '../modules/usage/journal/segments.js';
import type { UsageRetention } from '../modules/usage/usage-retention.postgres.js';
import { PostgresUsageWriter } from '../modules/usage/usage-writer.postgres.js';

/** Input of this thread: the journal and the database. */
export interface FlushWorkerData {
  /** A URL, or the connection to the embedded PostgreSQL. */
  readonly database: string | Connection;
  readonly bounds: StatementBounds | undefined;
  readonly directory: string;
  /** Id of the process that owns the journal. */
  readonly processId: string;
  readonly retention: UsageRetention;
}

/** Backlog of the journal from which on the flusher does not rest. */
const FULL_SPEED_BACKLOG_BYTES = 64 * 1024 * 1024;
/** Time limit of the last write when the process stops. */
const LAST_DRAIN_TIMEOUT_MS = 8000;

const { database, bounds, directory, processId, retention, memory } = workerData as FlushWorkerData & {
  readonly memory: SharedArrayBuffer;
};
const embedded = typeof database !== 'string';
const port = parentPort!;
const report = (message: FlusherReport): void => port.postMessage(message);
const log = (message: string, error?: unknown): void => report({ type: 'log', message, error });

pg.defaults.parseInt8 = true;
yieldThread();
const connection = typeof database === 'string' ? { ...parseDatabaseUrl(database), bounds } : database;
const client = new ReconnectingClient(connection, {
  applicationName: 'keywright usage',
  connectTimeoutMs: 2000,
  responseTimeoutMs: 15_000,
  // A PostgreSQL on a local socket shares the processors with verification.
  ...(connection.host.startsWith('/') ? { onConnected: (pid) => yieldProcess(pid, 'postgres') } : {}),
});
const partitions = new RequestLogPartitions(client, systemClock, retention.requestLogDays, log);
const counters = new JournalCounters(memory);
const pace = new Pace({
  clock: monotonicClock,
  urgency: () => counters.backlogBytes / FULL_SPEED_BACKLOG_BYTES,
});
const rest = (): Promise<void> => pace.rest();
const flusher = new UsageFlusher({
  reader: new JournalReader(directory, rest),
  counters,
  // An external PostgreSQL needs no pauses, during which other processes would wait for locked rows.
  writer: new PostgresUsageWriter(
    client,
    partitions,
    processId,
    systemClock,
    retention,
    embedded ? rest : async () => undefined,
  ),
  pace,
  tallies: await JournalTallies.open(directory, log),
  forget: (segment) => removeSegmentsBefore(directory, segment),
  clock: monotonicClock,
  onWritten: (written) => report({ type: 'written', written }),
  onLost: (lost) => report({ type: 'lost', lost }),
  log,
});

async function close(): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, LAST_DRAIN_TIMEOUT_MS, 'late').unref());
  const drained = await Promise.race([flusher.drain(), late]).catch((error: unknown) => error ?? 'failed');
  if (drained !== undefined) {
    log('The last counts could not be written to the database; the journal keeps them for the next start.');
  }
  partitions.close();
  await Promise.race([flusher.close().then(() => client.close()), late]);
  process.exit(0);
}

port.on('message', (order: FlusherOrder) => {
  if (order.do === 'count') flusher.take(Buffer.from(order.frame));
  else if (order.do === 'close') void close();
  else {
    flusher.drain().then(
      () => report({ type: 'drained', id: order.id }),
      (error: unknown) => report({ type: 'drained', id: order.id, error }),
    );
  }
});

await partitions.start();
report({ type: 'ready', mark: await flusher.start() });
