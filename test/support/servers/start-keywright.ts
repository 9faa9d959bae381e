import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, type FreshDatabase } from './fresh-database.js';
import { spawnServer, type ServerProcess } from './server-process.js';

/** Credentials of the owner that {@link startKeywright} sets up. */
export const OWNER = { email: 'owner@example.test', password: 'correct horse battery staple' } as const;

/** A running Keywright with its own database and data directory. */
export interface Keywright {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly process: ServerProcess;
  readonly database: FreshDatabase;
  readonly dataDir: string;
  /** All its settings, to start another process alongside or after it. */
  readonly settings: Record<string, string>;
  stop(): Promise<void>;
}

/** A temporary directory that PostgreSQL's account can also traverse. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'keywright-test-'));
  await chmod(directory, 0o711);
  return directory;
}

/** Writes a new master key file, as an operator does with an external database. */
export async function writeMasterKey(directory: string): Promise<string> {
  const file = join(directory, 'master.key');
  await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  return file;
}

/** Starts the built server on a new, migrated database; `env` adds or replaces settings (an empty value unsets one). */
export async function startKeywright({
  env = {},
}: { env?: Record<string, string> } = {}): Promise<Keywright> {
  return startKeywrightOn(await freshDatabase({ migrated: true }), env);
}

/** Starts the built server on this migrated database, which it owns from then on. */
export async function startKeywrightOn(
  database: FreshDatabase,
  env: Record<string, string> = {},
): Promise<Keywright> {
  const dataDir = await temporaryDirectory();
  const settings = {
    PORT: '0',
    DATABASE_URL: database.url,
    KEYWRIGHT_DATA_DIR: dataDir,
    KEYWRIGHT_MASTER_KEY_FILE: await writeMasterKey(dataDir),
    KEYWRIGHT_ADMIN_EMAIL: OWNER.email,
    KEYWRIGHT_ADMIN_PASSWORD: OWNER.password,
    ...env,
  };
  const server = spawnServer(settings);
  const clean = async (): Promise<void> => {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const url = await server.ready();
    return {
      url,
      process: server,
      database,
      dataDir,
      settings,
      async stop() {
        await server.stop();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}
