import { DataSource, type EntitySchema } from 'typeorm';
import { StartError } from '../config/start-error.js';
import { describeConnection, type Connection } from './connection.js';
import { Initial1795219200000 } from './migrations/2026-11-21-initial.js';
import { Access1795478400000 } from './migrations/2026-11-24-access.js';
import { DataPlane1795486200000 } from './migrations/2026-11-24-data-plane.js';
import { Oidc1795478460000 } from './migrations/2026-11-24-oidc.js';
import { People1795482000000 } from './migrations/2026-11-24-people.js';
import { Quotas1795485600000 } from './migrations/2026-11-24-quotas.js';

/** Connections to PostgreSQL that people's and integrators' requests share. */
const POOL_SIZE = 16;
/** One that waits for a lock gives its connection back soon. */
const LOCK_TIMEOUT_MS = 5000;

/** A pool of connections. `synchronize` stays off: migrations alone change the schema. */
export const createDataSource = (
  connection: Connection,
  entities: readonly EntitySchema<never>[],
  onPoolError: (error: unknown) => void,
): DataSource =>
  new DataSource({
    type: 'postgres',
    host: connection.host,
    port: connection.port,
    username: connection.user,
    password: connection.password,
    database: connection.database,
    ssl: connection.ssl as boolean | undefined,
    applicationName: 'keywright',
    entities: [...entities],
    migrations: [
      Initial1795219200000,
      Access1795478400000,
      Oidc1795478460000,
      People1795482000000,
      Quotas1795485600000,
      DataPlane1795486200000,
    ],
    migrationsTransactionMode: 'each',
    synchronize: false,
    // Counts are numbers: none of ours comes near 2^53.
    parseInt8: true,
    logging: false,
    poolSize: POOL_SIZE,
    poolErrorHandler: onPoolError,
    connectTimeoutMS: 5000,
    extra: {
      statement_timeout: 30_000,
      query_timeout: 35_000,
      lock_timeout: LOCK_TIMEOUT_MS,
      keepAlive: true,
    },
  });

const MIGRATION_LOCK = 7_297_118_250;

/** Connects and brings the schema up to date; several processes may start at once. Error: {@link StartError}. */
export async function openDatabase(dataSource: DataSource, connection: Connection): Promise<void> {
  try {
    await dataSource.initialize();
  } catch (cause) {
    throw new StartError(
      `The database ${describeConnection(connection)} cannot be reached: ${(cause as Error).message || (cause as NodeJS.ErrnoException).code}. Check DATABASE_URL, and that PostgreSQL is running.`,
      { cause },
    );
  }
  const runner = dataSource.createQueryRunner();
  try {
    const [{ version }] = (await runner.query("select current_setting('server_version_num') as version")) as [
      { version: string },
    ];
    if (Number(version) < 140_000) {
      throw new StartError(`Keywright needs PostgreSQL 14 or newer; this is ${version}.`);
    }
    // Another process may be at it for a while.
    await runner.query('set lock_timeout = 0');
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations();
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`The database could not be brought up to date: ${(cause as Error).message}.`, {
      cause,
    });
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.query('reset lock_timeout').catch(() => undefined);
    await runner.release();
  }
}
