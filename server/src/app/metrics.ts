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
        'Failed attempts to read changes from the database.',
        () => feed.figures.failures,
      ),
      source('log_lines_dropped_total', 'Log lines that could not be written.', () => log.dropped),
      source('index_loads_total', 'Full loads of all keys.', () => feed.figures.loads),
      source(
        'database_changes_total',
        'Times the database was found to be replaced, restored or failed over.',
        () => feed.figures.databaseChanges,
      ),
      source('usage_written_total', 'Verifications and uses written to the database.', () => totals.events),
      source('usage_batches_total', 'Transactions that wrote usage.', () => totals.batches),
      source('flusher_seconds_total', 'Time spent writing usage, in seconds.', () => totals.seconds),
      source(
        'usage_unwritten_total',
        'Verifications that waited in memory because the journal could not be written.',
        () => totals.unwrittenEvents,
      ),
      source('usage_lost_total', 'Verifications that are missing from the counts.', () => totals.lostEvents),
      source(
        'journal_unreadable_bytes_total',
        'Bytes of the journal that could not be read.',
        () => totals.lostBytes,
      ),
      source('request_log_rows_total', 'Rows written to the request log.', () => totals.rows),
      source(
        'request_log_left_out_total',
        'Verifications that were counted but have no row in the request log.',
        () => figures.leftOutRows,
      ),
      ...(redis
        ? [
            source(
              'nonces_unknown_total',
              'Signed requests rejected with 503 because Redis could not confirm that their nonce was new.',
              () => redis.nonces.unknown,
            ),
            source(
              'limits_alone_total',
              'Limit decisions that this process made on its own because Redis was unavailable.',
              () => redis.limiter.alone,
            ),
          ]
        : []),
    ],
    gauges: [
      source('index_keys', 'Keys in the index, including revoked ones.', () => index.size),
      source('index_age_seconds', 'Age of the data in the index, in seconds.', () => feed.ageMs / 1000),
      source('index_current', '1 while the index is current enough for verdicts, else 0.', () =>
        Number(feed.fresh),
      ),
      source(
        'index_load_seconds',
        'Duration of the last full load of all keys, in seconds.',
        () => feed.figures.loadSeconds,
      ),
      source(
        'feed_lag_seconds',
        'Time from the commit of the latest changes until they were read, in seconds.',
        () => feed.figures.lagSeconds,
      ),
      source(
        'journal_backlog_bytes',
        'Usage waiting to be written to the database, in bytes.',
        () => figures.backlogBytes,
      ),
      source(
        'usage_lost_is_minimum',
        '1 if more may be lost than keywright_usage_lost_total says, else 0.',
        () => Number(totals.lostIsMinimum),
      ),
      source('journal_broken', '1 while the journal cannot be written, else 0.', () =>
        Number(figures.broken),
      ),
      source(
        'notifications_heard',
        '1 while PostgreSQL notifications arrive, else 0; changes are then polled more often.',
        () => Number(notifications.arriving === true),
      ),
      source(
        'open_holds',
        'Keys, service accounts, roles and scopes on hold because a restored database lost changes to them.',
        () => heartbeat.openHolds,
      ),
      source('limited_keys', 'Keys whose limits are being tracked.', limits.countedKeys),
      ...(redis
        ? [
            source('redis_usable', '1 while Redis is usable, else 0.', () => Number(redis.link.usable)),
            source(
              'redis_faults',
              'Problems found with Redis: cluster mode, a Sentinel, a replica or an eviction policy.',
              () => redis.link.faults.length,
            ),
          ]
        : []),
      source('other_nodes', 'Other processes that use this database.', () => heartbeat.otherProcesses),
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
