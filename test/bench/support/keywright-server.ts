import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createKey, signIn } from '../../support/peers/client.js';
import { includedDatabase, passwordOf } from '../../support/servers/included-postgres.js';
import { spawnServer, type ServerProcess } from '../../support/servers/server-process.js';
import type { Closing } from './closing.js';

/** The owner of the installation. */
export const OWNER = { email: 'bench@example.test', password: 'a password for the bench' };
const START_WITHIN_MS = 300_000;
const POSTGRES_STOPS_WITHIN_MS = 10_000;

/** A running process of Keywright. */
export interface Keywright {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Time from spawning the process until its ready line. */
  readonly startSeconds: number;
}

/** Keywright with its embedded PostgreSQL, and access to both. */
export interface Installation extends Keywright {
  readonly directory: string;
  readonly masterKeyFile: string;
  /** Directory of PostgreSQL's socket. */
  readonly sockets: string;
  /** Process id of the postmaster. */
  readonly postgresPid: number;
  /** The benchmark's own connection. */
  readonly database: pg.Client;
  /** Token of a key that can verify. */
  readonly gateway: string;
}

async function started(server: ServerProcess, spawnedAt: number): Promise<Keywright> {
  const url = await server.ready(START_WITHIN_MS);
  const startSeconds = (performance.now() - spawnedAt) / 1000;
  return { pid: server.pid, port: Number(new URL(url).port), url, startSeconds };
}

/** A directory that is removed at the end; PostgreSQL's account can traverse it. */
export async function makeDirectory(closing: Closing): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kw-bench-'));
  closing.add(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o711);
  return directory;
}

const postmasterOf = async (directory: string): Promise<number | undefined> => {
  const text = await readFile(join(directory, 'postgres/postmaster.pid'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.split('\n')[0]);
};

/** A killed server leaves its PostgreSQL running, which has its own process group. */
async function stopPostgres(directory: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const pid = await postmasterOf(directory);
    if (pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + POSTGRES_STOPS_WITHIN_MS;
    while ((await postmasterOf(directory)) !== undefined && performance.now() < deadline) await sleep(100);
  }
}

/** Starts Keywright with its own embedded PostgreSQL; `settings` are added to the default ones. */
export async function startInstallation(
  closing: Closing,
  settings: Record<string, string> = {},
): Promise<Installation> {
  const directory = await makeDirectory(closing);
  const spawnedAt = performance.now();
  closing.add(() => stopPostgres(directory));
  const server = spawnServer({
    PORT: '0',
    KEYWRIGHT_DATA_DIR: directory,
    KEYWRIGHT_ADMIN_EMAIL: OWNER.email,
    KEYWRIGHT_ADMIN_PASSWORD: OWNER.password,
    ...settings,
  });
  closing.add(() => server.stop());
  const keywright = await started(server, spawnedAt);
  const connection = await includedDatabase(directory);
  const database = new pg.Client(connection);
  database.on('error', () => undefined);
  await database.connect();
  closing.add(() => database.end());
  const bearer = await signIn(keywright.url, OWNER);
  const { secret } = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
  return {
    ...keywright,
    directory,
    masterKeyFile: join(directory, 'master.key'),
    sockets: connection.host,
    postgresPid: (await postmasterOf(directory))!,
    database,
    gateway: secret,
  };
}

/** Starts a verifying process for an existing installation: same database and master key, its own data directory. */
export async function startVerifier(
  closing: Closing,
  existing: Installation,
  settings: Record<string, string> = {},
): Promise<Keywright> {
  const directory = await makeDirectory(closing);
  const password = await passwordOf(existing.directory);
  const spawnedAt = performance.now();
  const server = spawnServer({
    PORT: '0',
    KEYWRIGHT_ROLE: 'verify',
    KEYWRIGHT_DATA_DIR: directory,
    DATABASE_URL: `postgres://keywright:${password}@localhost/keywright?host=${encodeURIComponent(existing.sockets)}`,
    KEYWRIGHT_MASTER_KEY_FILE: existing.masterKeyFile,
    ...settings,
  });
  closing.add(() => server.stop());
  return started(server, spawnedAt);
}

/** Whether a process also manages; a verify-only process has no GraphQL. */
export async function manages({ url }: Keywright): Promise<boolean> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });
  return response.ok;
}

/** The value of a metric, summed over its labels; undefined if the server has no such metric. */
export async function metricOf({ url }: Keywright, name: string): Promise<number | undefined> {
  const response = await fetch(`${url}/metrics`);
  const lines = response.ok ? (await response.text()).split('\n') : [];
  const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return values.length === 0
    ? undefined
    : values.reduce((sum, line) => sum + Number(/ ([\d.eE+-]+)(?: \d+)?$/.exec(line)?.[1] ?? 0), 0);
}
