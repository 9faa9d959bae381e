import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { signIn } from '../../support/peers/client.js';
import { includedDatabase } from '../../support/servers/included-postgres.js';
import { spawnServer } from '../../support/servers/server-process.js';

const OWNER = { email: 'bench@example.test', password: 'a password for the bench' };

/** The built server with its embedded PostgreSQL, as a newcomer runs it, with a signed-in owner. */
export interface BenchServer {
  readonly url: string;
  readonly bearer: string;
  /** The benchmark's own connection. */
  readonly database: pg.Client;
}

/** Runs a measurement against a fresh server and removes everything afterwards. */
export async function withServer(measure: (server: BenchServer) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'kw-bench-'));
  // As root, PostgreSQL runs under its own account, which must be able to traverse this directory.
  await chmod(directory, 0o711);
  const server = spawnServer({
    PORT: '0',
    KEYWRIGHT_DATA_DIR: directory,
    KEYWRIGHT_ADMIN_EMAIL: OWNER.email,
    KEYWRIGHT_ADMIN_PASSWORD: OWNER.password,
    KEYWRIGHT_LOG_LEVEL: 'warn',
  });
  let database: pg.Client | undefined;
  try {
    const url = await server.ready();
    database = new pg.Client(await includedDatabase(directory));
    await database.connect();
    await measure({ url, bearer: await signIn(url, OWNER), database });
  } finally {
    await database?.end().catch(() => undefined);
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
