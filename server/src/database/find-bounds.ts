import type pg from 'pg';
import { BoundedClient } from './bounded-client.js';
import type { Connection } from './connection.js';

const PROBED_MS = 29_999;

/** Probes whether connection settings take effect. Error: that of the failed connection. */
export async function findBounds(connection: Connection): Promise<void> {
  const { bounds, ...rest } = connection;
  if (!bounds || bounds.known) return;
  const settings = { statement_timeout: PROBED_MS, lock_timeout: PROBED_MS };
  const client: pg.Client = new BoundedClient(
    { ...rest, ...settings, connectionTimeoutMillis: 5000 },
    bounds,
  );
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ holds: boolean }>(
      `select bool_and(setting = '${PROBED_MS}') as holds from pg_settings where name in ('statement_timeout', 'lock_timeout')`,
    );
    bounds.perTransaction = !rows[0]!.holds;
  } catch (error) {
    if (!bounds.perTransaction) throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
  bounds.known = true;
}
