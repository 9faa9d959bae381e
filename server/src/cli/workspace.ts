import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import pg from 'pg';
import type { Config } from '../config/config.js';
import { isDataDirTaken, takeDataDir } from '../config/data-dir.js';
import type { Secrets } from '../config/master-key.js';
import { StartError } from '../config/start-error.js';
import { parseDatabaseUrl, type Connection } from '../database/connection.js';
import { COMMAND_POOL, createDataSource } from '../database/data-source.js';
import { embeddedConnection, startEmbeddedPostgres } from '../database/embedded.js';
import { ENTITIES } from '../database/entities.js';
import { unlockInstallation } from '../database/installation.js';
import { InstallationKeyIds } from '../database/key-ids.js';
import { compareMigrations, connectDatabase } from '../database/open-database.js';

const ANSWER_WITHIN_MS = 15_000;

/** The database that a command works on, and how to leave it. */
export interface Workspace {
  readonly config: Config;
  readonly connection: Connection;
  /** Not connected yet: a command decides what it expects of the schema. */
  readonly dataSource: DataSource;
  /** Whether a missing master key may be made: only in a data directory that no server uses. */
  readonly mayCreateMasterKey: boolean;
  /** Ends connections, and PostgreSQL when it was started for the command. */
  close(): Promise<void>;
}

/** A PostgreSQL that can be reached. */
interface Reached {
  readonly connection: Connection;
  readonly ownsDataDir: boolean;
  leave(): Promise<void>;
}

const stay = (): Promise<void> => Promise.resolve();

/** The PostgreSQL of a server that runs on the data directory, which may just be starting. */
async function joinServer(dataDir: string): Promise<Reached> {
  const deadline = performance.now() + ANSWER_WITHIN_MS;
  for (;;) {
    // Read each time: a server that is starting may just be making the password.
    const connection = await embeddedConnection(dataDir);
    const client = new pg.Client({ ...connection, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return { connection, ownsDataDir: false, leave: stay };
    } catch (cause) {
      if (performance.now() > deadline) {
        throw new StartError(
          `A Keywright runs on the data directory ${dataDir}, but its database does not answer: ${(cause as Error).message}.`,
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
    return { connection: parseDatabaseUrl(databaseUrl), ownsDataDir: false, leave: stay };
  }
  if (await isDataDirTaken(dataDir)) return joinServer(dataDir);
  const exists = await access(join(dataDir, 'postgres', 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (!exists && !mayBegin) {
    throw new StartError(
      `There is no database in the data directory ${dataDir} yet. Start Keywright once, or run keywright migrate; or set KEYWRIGHT_DATA_DIR or DATABASE_URL to where it is.`,
    );
  }
  const release = await takeDataDir(dataDir);
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
 * Finds the database that the settings name: one of one's own, that of a server that runs on the data directory, or else the
 * included one, started for the time of the command. Error: {@link StartError}.
 * @param mayBegin Whether a data directory may be set up that is not there yet.
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

/** Connects to a database that is up to date, and unlocks it. Error: {@link StartError}. */
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
