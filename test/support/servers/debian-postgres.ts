import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianProgram } from './debian.js';
import { eventually } from '../eventually.js';
import { freePort } from './free-port.js';
import { queryOnce } from './fresh-database.js';
import { temporaryDirectory } from './start-keywright.js';

const run = promisify(execFile);
const SERVERS = '/usr/lib/postgresql';
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'max_connections=100',
];

/** A Debian PostgreSQL, which has the backup tools that Keywright's included one lacks. */
export interface DebianPostgres {
  /** URL of its database `keywright`. */
  readonly url: string;
  query: <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;
  /** Stops it immediately, like a machine failure. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Starts an asynchronous standby of this server. */
  standby(): Promise<DebianPostgres>;
  /** Promotes a standby to primary. */
  promote(): Promise<void>;
  /** Runs pg_dump or pg_restore on the database. */
  tool(name: 'pg_dump' | 'pg_restore', ...args: string[]): Promise<void>;
  stop(): Promise<void>;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

// PostgreSQL refuses to run as root; the account `nobody` exists on every system.
async function findAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])));
  return { uid: Number(uid!.stdout), gid: Number(gid!.stdout) };
}

/** Directory of the newest server; installs Debian's if there is none. */
async function findPrograms(): Promise<string> {
  await debianProgram('pg_basebackup', 'postgresql');
  const versions = (await readdir(SERVERS)).map(Number).sort((a, b) => b - a);
  return join(SERVERS, String(versions[0]), 'bin');
}

/** Starts a primary with an empty database. */
export async function startDebianPostgres(): Promise<DebianPostgres> {
  const server = await startIn(async ({ bin, account, data }) => {
    const init = ['--pgdata', data, '--username=keywright', '--auth=trust', '--encoding=UTF8', '--locale=C'];
    await run(join(bin, 'initdb'), [...init, '--no-sync'], { ...account, cwd: '/' });
  });
  await queryOnce(server.url.replace(/\/keywright$/, '/postgres'), 'create database keywright');
  return server;
}

interface Place {
  readonly bin: string;
  readonly account: Account;
  readonly data: string;
}

async function startIn(fill: (place: Place) => Promise<void>): Promise<DebianPostgres> {
  const [bin, account, directory, port] = await Promise.all([
    findPrograms(),
    findAccount(),
    temporaryDirectory(),
    freePort(),
  ]);
  const data = join(directory, 'data');
  await mkdir(data, { mode: 0o700 });
  if (account.uid !== undefined) await chown(data, account.uid, account.gid!);
  await fill({ bin, account, data });
  const base = `postgres://keywright:keywright@127.0.0.1:${port}`;
  const url = `${base}/keywright`;
  let child: ChildProcess;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const killed = (): void => void child.kill('SIGQUIT');
  const restart = async (): Promise<void> => {
    const settings = [...SETTINGS, `port=${port}`].flatMap((setting) => ['-c', setting]);
    child = spawn(join(bin, 'postgres'), ['-D', data, ...settings], {
      ...account,
      cwd: '/',
      stdio: 'ignore',
    });
    await eventually(() => queryOnce(`${base}/postgres`, 'select 1'), 30_000);
  };
  process.once('exit', killed);
  await restart();
  return {
    url,
    query: (text, values) => queryOnce(url, text, values),
    kill: () => end('SIGQUIT'),
    restart,
    standby: () =>
      startIn(async (place) => {
        const args = [
          '-D',
          place.data,
          '-d',
          `${base}/postgres`,
          '-R',
          '-X',
          'stream',
          '--no-sync',
          '-c',
          'fast',
        ];
        await run(join(bin, 'pg_basebackup'), args, { ...account, cwd: '/' });
      }),
    promote: async () => {
      await queryOnce(`${base}/postgres`, 'select pg_promote(true)');
    },
    tool: async (name, ...args) => {
      await run(join(bin, name), ['-d', url, ...args], { cwd: '/' });
    },
    async stop() {
      process.off('exit', killed);
      await end('SIGQUIT');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
