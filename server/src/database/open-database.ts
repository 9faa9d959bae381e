import { EventSubscriber, type DataSource, type EntitySubscriberInterface, type QueryRunner } from 'typeorm';
import { StartError } from '../config/start-error.js';
import { ADVISORY_LOCKS } from '../core/advisory-locks.js';
import { VERSION } from '../config/version.js';
import { describeConnection, type Connection } from './connection.js';
import { createDataSource, MIGRATION_POOL } from './data-source.js';
import { findBounds } from './find-bounds.js';
import {
  downgradeFault,
  FIRST_VERSION,
  type KeywrightMigration,
  type RanMigration,
} from './migration-version.js';
import { readServerFacts, rightsFault, serverFault } from './server-check.js';

const WRONG_PASSWORD = '28P01';

/** Migrations of a database compared with those of this version. */
export interface MigrationState {
  /** Names of migrations still to run. */
  readonly pending: readonly string[];
  /** Why this version must not use a database that a newer version has changed; null if it can. */
  readonly downgradeFault: string | null;
}

const nameOf = (migration: KeywrightMigration): string => migration.name ?? migration.constructor.name;

/** Compares the migrations of this version with those that ran on the database. */
export async function compareMigrations(dataSource: DataSource): Promise<MigrationState> {
  const query = <Row>(text: string): Promise<Row[]> => dataSource.query(text);
  const [found] = await query<{ exists: boolean }>("select to_regclass('migrations') is not null as exists");
  // null in databases from before the column was added.
  const rows = found!.exists
    ? await query<RanMigration>(
        `select name, to_jsonb(migrations) ->> 'oldest_version' as "oldestVersion" from migrations`,
      )
    : [];
  const had = new Set(rows.map(({ name }) => name));
  const ours = dataSource.migrations.map(nameOf);
  const known = new Set(ours);
  return {
    pending: ours.filter((name) => !had.has(name)),
    downgradeFault: downgradeFault(
      VERSION,
      rows.filter(({ name }) => !known.has(name)),
    ),
  };
}

/** Connects without changing anything. Error: {@link StartError}. */
export async function connectDatabase(dataSource: DataSource, connection: Connection): Promise<void> {
  try {
    await findBounds(connection);
    await dataSource.initialize();
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const hint =
      code === WRONG_PASSWORD
        ? 'Check the password in DATABASE_URL; characters such as @ : / ? # % in it must be percent-encoded (@ as %40, % as %25).'
        : 'Check DATABASE_URL, and that PostgreSQL is running.';
    throw new StartError(
      `The database ${describeConnection(connection)} cannot be reached: ${message || code}. ${hint}`,
      { cause },
    );
  }
}

/** Removes timeouts in each transaction, because a pooler would drop session settings. */
@EventSubscriber()
class NoTimeouts implements EntitySubscriberInterface {
  async afterTransactionStart({ queryRunner }: { queryRunner: QueryRunner }): Promise<void> {
    for (const name of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) {
      await queryRunner.query(`set local ${name} = 0`);
    }
  }
}

/**
 * Migrates the schema over its own connections, which have no timeouts; several processes can do this at the same time.
 * Returns the names of the migrations that ran. Error: {@link StartError}, also if the database does not meet the requirements.
 * @param onWait Called once if another process is already migrating.
 */
export async function migrateDatabase(connection: Connection, onWait?: () => void): Promise<string[]> {
  const dataSource = createDataSource(connection, [], () => undefined, MIGRATION_POOL);
  dataSource.setOptions({ subscribers: [NoTimeouts] });
  await connectDatabase(dataSource, connection);
  const runner = dataSource.createQueryRunner();
  try {
    const query = <Row>(text: string, values: unknown[] = []): Promise<Row[]> => runner.query(text, values);
    const facts = await readServerFacts({ query: (text, values = []) => query(text, [...values]) });
    refuse(serverFault(facts) ?? rightsFault(facts, false));
    // The lock ends with the transaction, because a pooler keeps only a transaction on one connection.
    await runner.startTransaction();
    const [lock] = await query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [
      ADVISORY_LOCKS.migrations,
    ]);
    if (!lock!.taken) {
      onWait?.();
      await runner.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.migrations]);
    }
    // Not in the transaction of the lock: its read locks would block the migrations.
    const state = await compareMigrations(dataSource);
    refuse(state.downgradeFault);
    if (state.pending.length > 0) refuse(rightsFault(facts, true));
    const ran = await dataSource.runMigrations();
    await runner.query(
      `update migrations set oldest_version = given.version
       from unnest($1::text[], $2::text[]) as given(name, version)
       where migrations.name = given.name and oldest_version is null`,
      [
        dataSource.migrations.map(nameOf),
        dataSource.migrations.map((each: KeywrightMigration) => each.oldestVersion ?? FIRST_VERSION),
      ],
    );
    await runner.commitTransaction();
    return ran.map(({ name }) => name);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`The database could not be migrated: ${(cause as Error).message}.`, {
      cause,
    });
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}

function refuse(fault: string | null): void {
  if (fault !== null) throw new StartError(fault);
}
