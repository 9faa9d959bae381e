import type { DataSource } from 'typeorm';
import type { DataPlane } from './data-plane.js';
import type { LogDestination } from '../http/log-destination.js';
import type { MetricSource, MetricSources } from '../modules/metrics/metrics.js';

const source = (name: string, help: string, read: () => number): MetricSource => ({
  name: `keywright_${name}`,
  help,
  read,
});

/** The metrics of a process. */
export function metricSources(
  { replica, nodes, limits, usage, verification }: DataPlane,
  dataSource: DataSource,
  log: Pick<LogDestination, 'dropped'>,
): MetricSources {
  const { index, feed, notifications } = replica;
  const { heartbeat } = nodes;
  const { redis } = limits;
  const { figures } = usage;
  const { totals } = figures;
  return {
    tally: verification.tally,
    counters: [
      source(
        'feed_failures_total',
        'Times that changes could not be read from the database.',
        () => feed.figures.failures,
      ),
      source('log_lines_dropped_total', 'Lines of the log that could not be written.', () => log.dropped),
      source('index_loads_total', 'Times that every key was loaded.', () => feed.figures.loads),
      source(
        'database_changes_total',
        'Times that the database was found replaced, restored or failed over.',
        () => feed.figures.databaseChanges,
      ),
      source(
        'usage_written_total',
        'Verifications and uses that were written to the database.',
        () => totals.events,
      ),
      source('usage_batches_total', 'Transactions that wrote usage.', () => totals.batches),
      source('flusher_seconds_total', 'Time spent in writing usage, in seconds.', () => totals.seconds),
      source(
        'usage_unwritten_total',
        'Verifications that waited in memory, since the journal could not be written.',
        () => totals.unwrittenEvents,
      ),
      source('usage_lost_total', 'Verifications whose count was lost.', () => totals.lostEvents),
      source(
        'journal_unreadable_bytes_total',
        'Bytes of the journal that held nothing readable.',
        () => totals.lostBytes,
      ),
      source('request_log_rows_total', 'Rows written to the request log.', () => totals.rows),
      source(
        'request_log_left_out_total',
        'Verifications that are counted, but have no row in the request log.',
        () => figures.leftOutRows,
      ),
      ...(redis
        ? [
            source(
              'nonces_unknown_total',
              'Signed requests that were refused with 503, as Redis could not tell whether their nonce was new.',
              () => redis.nonces.unknown,
            ),
            source(
              'limits_alone_total',
              'Decisions on limits that this process made alone, as Redis could not be asked.',
              () => redis.limiter.alone,
            ),
          ]
        : []),
    ],
    gauges: [
      source('index_keys', 'Keys in the index, revoked ones included.', () => index.size),
      source('index_age_seconds', 'Age of what the index knows, in seconds.', () => feed.ageMs / 1000),
      source('index_current', '1 while the index may decide, else 0.', () => Number(feed.fresh)),
      source(
        'index_load_seconds',
        'How long loading every key took the last time, in seconds.',
        () => feed.figures.loadSeconds,
      ),
      source(
        'feed_lag_seconds',
        'From the making of the last changes until they were read, in seconds.',
        () => feed.figures.lagSeconds,
      ),
      source(
        'journal_backlog_bytes',
        'Usage that waits to be written to the database, in bytes.',
        () => figures.backlogBytes,
      ),
      source(
        'usage_lost_is_minimum',
        '1 when more may be lost than keywright_usage_lost_total says, else 0.',
        () => Number(totals.lostIsMinimum),
      ),
      source('journal_broken', '1 while the journal cannot be written, else 0.', () =>
        Number(figures.broken),
      ),
      source(
        'notifications_heard',
        '1 while notifications of PostgreSQL arrive, else 0: changes are polled more often then.',
        () => Number(notifications.arriving === true),
      ),
      source(
        'open_holds',
        'Keys, service accounts, roles and scopes that are held to what a restored database lost, until somebody settles them.',
        () => heartbeat.openHolds,
      ),
      source('limited_keys', 'Keys whose limits are being counted.', limits.countedKeys),
      ...(redis
        ? [
            source('redis_usable', '1 while Redis can be used, else 0.', () => Number(redis.link.usable)),
            source(
              'redis_faults',
              'Things that are wrong with Redis: a cluster, a Sentinel, a replica, an evicting one.',
              () => redis.link.faults.length,
            ),
          ]
        : []),
      source('other_nodes', 'Other processes on this database.', () => heartbeat.otherProcesses),
    ],
    pool: poolOf(dataSource),
  };
}

/** Reads the `pg` pool from TypeORM's driver. */
function poolOf(dataSource: DataSource): MetricSources['pool'] {
  const { master } = dataSource.driver as unknown as {
    master: { totalCount: number; idleCount: number; waitingCount: number };
  };
  return () => ({ total: master.totalCount, idle: master.idleCount, waiting: master.waitingCount });
}
