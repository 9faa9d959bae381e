import pg from 'pg';
import type { DataSource } from 'typeorm';
import { REDIS_FAULT_TEXTS } from '../core/redis-faults.js';
import type { Connection } from '../database/connection.js';
import { RedisLink } from '../database/redis-link.js';
import { readServerFacts, serverFault } from '../database/server-check.js';
import { NOTIFICATIONS_MISSING } from '../modules/replica/notification-status.js';
import { NOTIFICATION_TEST_CHANNEL, NotificationTest } from '../modules/replica/notification-test.js';
import { fine, wrong, type Finding } from './finding.js';

const CONNECT_TIMEOUT_MS = 5000;

/** Whether Keywright can use this PostgreSQL. */
export async function checkServer(dataSource: DataSource): Promise<Finding[]> {
  const fault = serverFault(
    await readServerFacts({ query: (text, values = []) => dataSource.query(text, [...values]) }),
  );
  return fault === null ? [] : [wrong(fault)];
}

/** Whether PostgreSQL notifications arrive. */
export async function checkNotifications(dataSource: DataSource, connection: Connection): Promise<Finding[]> {
  const { bounds: _, ...address } = connection;
  const client = new pg.Client({ ...address, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  // Sent over a separate connection: the listening one would receive its own notifications through any pooler.
  const test = new NotificationTest((payload) =>
    dataSource.query('select pg_notify($1, $2)', [NOTIFICATION_TEST_CHANNEL, payload]),
  );
  client.on('notification', ({ payload = '' }) => test.receive(payload));
  try {
    await client.connect();
    await client.query(`listen ${NOTIFICATION_TEST_CHANNEL}`);
    const arriving = await test.run();
    if (arriving === null) return [wrong('A notification could not be sent through PostgreSQL.')];
    return [arriving ? fine('PostgreSQL notifications arrive.') : wrong(NOTIFICATIONS_MISSING)];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether Redis, if configured, can store counts and nonces. */
export async function checkRedis(url: string | undefined): Promise<Finding[]> {
  if (url === undefined) return [];
  const messages: string[] = [];
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const link = await RedisLink.open(url, (message) => {
    messages.push(message);
    settle();
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    link.connected.on(settle);
    await Promise.race([
      settled,
      new Promise((resolve) => (timer = setTimeout(resolve, CONNECT_TIMEOUT_MS))),
    ]);
    if (link.usable) await link.run('return 1', [], []).catch(() => undefined);
    if (link.faults.length > 0) return link.faults.map((fault) => wrong(REDIS_FAULT_TEXTS[fault]));
    if (link.usable) return [fine('Redis is usable.')];
    return [wrong(messages[0] ?? 'Redis is not usable: it does not respond.')];
  } finally {
    clearTimeout(timer);
    link.close();
  }
}
