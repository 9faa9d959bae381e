import type { DataSource, EntitySchema } from 'typeorm';
import type { Config } from '../config/config.js';
import { readMasterKey, type Secrets } from '../config/master-key.js';
import { parseDatabaseUrl, type Connection } from './connection.js';
import { createDataSource } from './data-source.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded.js';
import { unlockInstallation } from './installation.js';
import { InstallationKeyIds } from './key-ids.js';
import { connectDatabase, migrateDatabase } from './open-database.js';

/** A migrated database and its secrets. */
export interface Provision {
  readonly connection: Connection;
  readonly dataSource: DataSource;
  readonly secrets: Secrets;
  /** Closes the pool and stops PostgreSQL if it is embedded. */
  close(): Promise<void>;
}

/** Callbacks during provisioning and afterwards. */
export interface ProvisionEvents {
  log(message: string, error?: unknown): void;
  /** Called with the function that stops the embedded PostgreSQL, before it starts. */
  onPostgres(stop: () => Promise<void>): void;
}

/** Starts or connects to PostgreSQL, migrates and unlocks it. Error: StartError, with nothing left running. */
export async function provision(
  config: Config,
  entities: readonly EntitySchema<never>[],
  { log, onPostgres }: ProvisionEvents,
): Promise<Provision> {
  // Report a broken master key before starting anything.
  await readMasterKey(config.masterKeyFile);
  let postgres: EmbeddedPostgres | undefined;
  let pool: DataSource | undefined;
  let keyIds: InstallationKeyIds | undefined;
  let closing = false;
  const close = async (): Promise<void> => {
    closing = true;
    keyIds?.close();
    if (pool?.isInitialized) await pool.destroy();
    await postgres?.stop();
  };
  try {
    if (config.databaseUrl === undefined) postgres = await startEmbeddedPostgres(config.dataDir, onPostgres);
    const connection = postgres?.connection ?? parseDatabaseUrl(config.databaseUrl!);
    const onError = (error: unknown): void => {
      if (!closing) log('A database connection was lost.', error);
    };
    await migrateDatabase(connection, () =>
      log('Another process is migrating the database; waiting for it.'),
    );
    const dataSource = createDataSource(connection, entities, onError);
    pool = dataSource;
    await connectDatabase(dataSource, connection);
    const masterKey = { path: config.masterKeyFile, mayCreate: postgres !== undefined };
    keyIds = new InstallationKeyIds(dataSource);
    await keyIds.refresh();
    const secrets = await unlockInstallation(dataSource, masterKey, keyIds);
    keyIds.follow();
    return { connection, dataSource, secrets, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}
