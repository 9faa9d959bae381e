import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import pg from 'pg';
import type { Config } from '../config/config.js';
import { isDataDirLocked, lockDataDir } from '../config/data-dir.js';
import type { Secrets } from '../config/master-key.js';
import { StartError } from '../config/start-error.js';
import { parseDatabaseUrl, type Connection } from '../database/connection.js';
import { COMMAND_POOL, createDataSource } from '../database/data-source.js';
import { embeddedConnection, startEmbeddedPostgres } from '../database/embedded.js';
import { ENTITIES } from '../database/entities.js';
import { unlockInstallation } from '../database/installation.js';
import { InstallationKeyIds } from '../database/key-ids.js';
import { compareMigrations, connectDatabase } from '../database/open-database.js';

const JOIN_TIMEOUT_MS = 15_000;

/** The database that a command works on. */
export interface Workspace {
  readonly config: Config;
  readonly connection: Connection;
  /** Not connected yet, because each command has its own requirements for the schema. */
  readonly dataSource: DataSource;
  /** Whether a missing master key can be created: only in a data directory that no server uses. */
  readonly mayCreateMasterKey: boolean;
  /** Closes connections, and stops PostgreSQL if it was started for the command. */
  close(): Promise<void>;
}

/** A reachable PostgreSQL. */
interface Reached {
  readonly connection: Connection;
  readonly ownsDataDir: boolean;
  leave(): Promise<void>;
}

const doNothing = (): Promise<void> => Promise.resolve();

/** Connects to the PostgreSQL of the server that uses the data directory and may still be starting. */
async function joinServer(dataDir: string): Promise<Reached> {
  const deadline = performance.now() + JOIN_TIMEOUT_MS;
  for (;;) {
    // Read each time: a starting server may still be creating the password.
    const connection = await embeddedConnection(dataDir);
    const client = new pg.Client({ ...connection, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return { connection, ownsDataDir: false, leave: doNothing };
    } catch (cause) {
      if (performance.now() > deadline) {
        throw new StartError(
          `Keywright is running on the data directory ${dataDir}, but its database does not respond: ${(cause as Error).message}.`,
          { cause },
        );
      }
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(200);
  }
}

async function reach({ databaseUrl, dataDir }: Config, mayBegin: boolean): Promise<Reached> {
  if (databaseUrl !== undefined) {
    return { connection: parseDatabaseUrl(databaseUrl), ownsDataDir: false, leave: doNothing };
  }
  if (await isDataDirLocked(dataDir)) return joinServer(dataDir);
  const exists = await access(join(dataDir, 'postgres', 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (!exists && !mayBegin) {
    throw new StartError(
      `The data directory ${dataDir} has no database yet. Start Keywright once or run keywright migrate, or point KEYWRIGHT_DATA_DIR or DATABASE_URL to the right one.`,
    );
  }
  const release = await lockDataDir(dataDir);
  try {
    const postgres = await startEmbeddedPostgres(dataDir, () => undefined);
    const leave = async (): Promise<void> => {
      await postgres.stop();
      await release();
    };
    return { connection: postgres.connection, ownsDataDir: true, leave };
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Opens the configured database: an external one, that of the server that uses the data directory, or else the embedded one,
 * which runs until the command ends. Error: {@link StartError}.
 * @param mayBegin Whether a missing data directory can be set up.
 */
export async function openWorkspace(config: Config, mayBegin: boolean): Promise<Workspace> {
  const { connection, ownsDataDir, leave } = await reach(config, mayBegin);
  const dataSource = createDataSource(connection, ENTITIES, () => undefined, COMMAND_POOL);
  return {
    config,
    connection,
    dataSource,
    mayCreateMasterKey: ownsDataDir,
    async close() {
      if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
      await leave();
    },
  };
}

/** Connects to a migrated database and unlocks it. Error: {@link StartError}. */
export async function unlockWorkspace(
  workspace: Workspace,
): Promise<{ readonly secrets: Secrets; readonly ids: InstallationKeyIds }> {
  const { config, connection, dataSource, mayCreateMasterKey } = workspace;
  await connectDatabase(dataSource, connection);
  const { pending, downgradeFault } = await compareMigrations(dataSource);
  if (downgradeFault !== null) throw new StartError(downgradeFault);
  if (pending.length > 0)
    throw new StartError('The database is not up to date. Run keywright migrate first.');
  const ids = new InstallationKeyIds(dataSource);
  await ids.refresh();
  const source = { path: config.masterKeyFile, mayCreate: mayCreateMasterKey };
  return { secrets: await unlockInstallation(dataSource, source, ids), ids };
}
