import { DataSource, type EntitySchema } from 'typeorm';
import { StartError } from '../config/start-error.js';
import { ADVISORY_LOCKS } from '../core/advisory-locks.js';
import { describeConnection, type Connection } from './connection.js';
import { Initial1795219200000 } from './migrations/2026-11-21-initial.js';
import { Access1795478400000 } from './migrations/2026-11-24-access.js';
import { DataPlane1795486200000 } from './migrations/2026-11-24-data-plane.js';
import { Oidc1795478460000 } from './migrations/2026-11-24-oidc.js';
import { People1795482000000 } from './migrations/2026-11-24-people.js';
import { Quotas1795485600000 } from './migrations/2026-11-24-quotas.js';
import { KeyIds1795568400000 } from './migrations/2026-11-25-key-ids.js';
import { SignedKeys1795654800000 } from './migrations/2026-11-26-signed-keys.js';
import { RouteRules1795741200000 } from './migrations/2026-11-27-route-rules.js';
import { UsageReports1795827600000 } from './migrations/2026-11-28-usage-reports.js';
import { NodeRedis1795914000000 } from './migrations/2026-11-29-node-redis.js';
import { LinkIssuers1796000401000 } from './migrations/2026-11-30-link-issuers.js';
import { UpkeepChanges1796000400000 } from './migrations/2026-11-30-upkeep-changes.js';

/** What a pool of connections is for. */
export interface PoolSettings {
  readonly applicationName: string;
  readonly size: number;
  /** How long a statement waits for a lock, in milliseconds; 0: as long as it may run. */
  readonly lockTimeoutMs: number;
  /** How long a statement may run, in milliseconds; 30 seconds when absent. */
  readonly statementTimeoutMs?: number;
}

/** The pool of people's and integrators' requests: one that waits for a lock gives its connection back soon. */
export const MANAGEMENT_POOL: PoolSettings = { applicationName: 'keywright', size: 16, lockTimeoutMs: 5000 };

/** The pool of the command line, whose questions may go through everything there is. */
export const COMMAND_POOL: PoolSettings = {
  applicationName: 'keywright command',
  size: 2,
  lockTimeoutMs: 10_000,
  statementTimeoutMs: 30 * 60_000,
};

const STATEMENT_TIMEOUT_MS = 30_000;

/** A pool of connections. `synchronize` stays off: migrations alone change the schema. */
export const createDataSource = (
  connection: Connection,
  entities: readonly EntitySchema<never>[],
  onPoolError: (error: unknown) => void,
  pool: PoolSettings = MANAGEMENT_POOL,
): DataSource =>
  new DataSource({
    type: 'postgres',
    host: connection.host,
    port: connection.port,
    username: connection.user,
    password: connection.password,
    database: connection.database,
    ssl: connection.ssl as boolean | undefined,
    applicationName: pool.applicationName,
    entities: [...entities],
    migrations: [
      Initial1795219200000,
      Access1795478400000,
      Oidc1795478460000,
      People1795482000000,
      Quotas1795485600000,
      DataPlane1795486200000,
      KeyIds1795568400000,
      SignedKeys1795654800000,
      RouteRules1795741200000,
      UsageReports1795827600000,
      NodeRedis1795914000000,
      LinkIssuers1796000401000,
      UpkeepChanges1796000400000,
    ],
    migrationsTransactionMode: 'each',
    synchronize: false,
    // Counts are numbers: none of ours comes near 2^53.
    parseInt8: true,
    logging: false,
    poolSize: pool.size,
    poolErrorHandler: onPoolError,
    connectTimeoutMS: 5000,
    extra: {
      statement_timeout: pool.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      query_timeout: (pool.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS) + 5000,
      lock_timeout: pool.lockTimeoutMs,
      keepAlive: true,
    },
  });

/** Names of migrations that this version has and the database has not had, and of those that only the database knows. */
export async function compareMigrations(
  dataSource: DataSource,
): Promise<{ readonly pending: string[]; readonly unknown: string[] }> {
  const [{ exists }] = (await dataSource.query("select to_regclass('migrations') is not null as exists")) as [
    { exists: boolean },
  ];
  const rows: { name: string }[] = exists ? await dataSource.query('select name from migrations') : [];
  const had = new Set(rows.map(({ name }) => name));
  const ours = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  const known = new Set(ours);
  return {
    pending: ours.filter((name) => !had.has(name)),
    unknown: [...had].filter((name) => !known.has(name)),
  };
}

/** Connects, and changes nothing. Error: {@link StartError}. */
export async function connectDatabase(dataSource: DataSource, connection: Connection): Promise<void> {
  try {
    await dataSource.initialize();
  } catch (cause) {
    throw new StartError(
      `The database ${describeConnection(connection)} cannot be reached: ${(cause as Error).message || (cause as NodeJS.ErrnoException).code}. Check DATABASE_URL, and that PostgreSQL is running.`,
      { cause },
    );
  }
}

/**
 * Connects and brings the schema up to date; several processes may start at once. Returns the names of the migrations that
 * were run. Error: {@link StartError}.
 */
export async function openDatabase(dataSource: DataSource, connection: Connection): Promise<string[]> {
  await connectDatabase(dataSource, connection);
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
    await runner.query('select pg_advisory_lock($1)', [ADVISORY_LOCKS.migrations]);
    return (await dataSource.runMigrations()).map(({ name }) => name);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`The database could not be brought up to date: ${(cause as Error).message}.`, {
      cause,
    });
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [ADVISORY_LOCKS.migrations]).catch(() => undefined);
    await runner.query('reset lock_timeout').catch(() => undefined);
    await runner.release();
  }
}
