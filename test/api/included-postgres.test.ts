import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keywrightCommand } from '../support/servers/command-line.js';
import { signIn } from '../support/peers/client.js';
import { includedDatabase, passwordFileOf, passwordOf } from '../support/servers/included-postgres.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';
import { temporaryDirectory } from '../support/servers/start-keywright.js';

const OWNER = { email: 'owner@example.test', password: 'a long enough password' };
const TIMEOUT_MS = 240_000;

let directory: string;
let settings: Record<string, string>;
let running: ServerProcess | undefined;
beforeAll(async () => {
  directory = await temporaryDirectory();
  settings = {
    PORT: '0',
    KEYWRIGHT_DATA_DIR: directory,
    KEYWRIGHT_ADMIN_EMAIL: OWNER.email,
    KEYWRIGHT_ADMIN_PASSWORD: OWNER.password,
  };
});
afterEach(() => running?.stop());
afterAll(async () => {
  const pid = await postmaster();
  if (pid > 0) process.kill(pid, 'SIGQUIT');
  await rm(directory, { recursive: true, force: true });
});

const rulesFile = (): string => join(directory, 'postgres/pg_hba.conf');

async function postmaster(): Promise<number> {
  const text = await readFile(join(directory, 'postgres/postmaster.pid'), 'utf8').catch(() => '0');
  return Number(text.split('\n')[0]);
}

/** Starts a server; the owner from the first start can sign in. */
async function start(): Promise<string> {
  running = spawnServer(settings);
  const url = await running.ready();
  await signIn(url, OWNER);
  return url;
}

async function ask(text: string, password?: string | null): Promise<unknown[]> {
  const client = new pg.Client(await includedDatabase(directory, password));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Expects that nobody can connect without the password, and that its file is private. */
async function expectClosed(): Promise<void> {
  await expect(ask('select 1', null)).rejects.toThrow(/password/);
  await expect(ask('select 1', 'keywright')).rejects.toMatchObject({ code: '28P01' });
  expect(await ask('select 1 as one')).toEqual([{ one: 1 }]);
  expect((await stat(passwordFileOf(directory))).mode & 0o777).toBe(0o600);
  const rules = (await readFile(rulesFile(), 'utf8')).split('\n').filter((line) => /^\s*[a-z]/.test(line));
  expect(rules.length).toBeGreaterThan(2);
  for (const rule of rules) expect(rule).toMatch(/\sscram-sha-256$/);
}

/** Converts it, while stopped, to the data directory of an earlier version, which required no password. */
async function openUp(): Promise<void> {
  await rm(passwordFileOf(directory), { force: true });
  const rules = await readFile(rulesFile(), 'utf8');
  await writeFile(rulesFile(), rules.replaceAll(/^(\s*[a-z].*\s)scram-sha-256$/gm, '$1trust'));
}

test(
  "the embedded PostgreSQL asks for a password, which is in no log and in no process's environment",
  async () => {
    await start();
    await expectClosed();
    const password = await passwordOf(directory);
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(await readFile(join(directory, 'postgres.log'), 'utf8')).not.toContain(password);
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      for (const file of ['cmdline', 'environ']) {
        const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
        expect(text.includes(password), `${file} of ${pid}`).toBe(false);
      }
    }
  },
  TIMEOUT_MS,
);

test(
  'a second start and the command line keep the password of a running server',
  async () => {
    const url = await start();
    const password = await passwordOf(directory);
    const second = spawnServer(settings);
    expect((await second.ended).code).toBe(1);
    const check = await keywrightCommand(settings, ['check']);
    expect(check).toMatchObject({ code: 0, stderr: '' });
    expect(await passwordOf(directory)).toBe(password);
    await signIn(url, OWNER);
    await expectClosed();
  },
  TIMEOUT_MS,
);

describe('a data directory of an earlier version', () => {
  test(
    'gets a password at the next start, and loses nothing',
    async () => {
      await start();
      await ask('alter role keywright password null');
      await running!.stop();
      await openUp();
      await start();
      await expectClosed();
    },
    TIMEOUT_MS,
  );

  test(
    'gets one from the command line too',
    async () => {
      await openUp();
      expect(await keywrightCommand(settings, ['check'])).toMatchObject({ code: 0, stderr: '' });
      await start();
      await expectClosed();
    },
    TIMEOUT_MS,
  );

  test.each<[string, () => Promise<boolean>]>([
    ['the password is being drawn', async () => (await stat(passwordFileOf(directory))).size > 0],
    [
      'the rules are being written',
      async () => (await readFile(rulesFile(), 'utf8')).includes(' scram-sha-256\n'),
    ],
    ['the password is being set', async () => (await postmaster()) < 0],
    ['the server is being started', async () => (await postmaster()) > 0],
  ])(
    'gets one at the start after one that was killed while %s',
    async (_, moment) => {
      // A moment of a few milliseconds can pass unseen; the next start has it again.
      for (let seen = false, tries = 1; !seen; tries++) {
        expect(tries, 'No start was seen at this moment.').toBeLessThanOrEqual(20);
        await openUp();
        running = spawnServer(settings);
        const ready = running.ready().then(() => true);
        for (let done = false; !seen && !done;) {
          seen = await moment().catch(() => false);
          done = await Promise.race([ready, sleep(1, false)]);
        }
        await running.stop(seen ? 'SIGKILL' : 'SIGTERM');
        // Otherwise it rejects unheard, since the server was killed.
        await ready.catch(() => undefined);
      }
      await start();
      await expectClosed();
    },
    TIMEOUT_MS,
  );
});

describe('a password that does not match the database', () => {
  test.each<[string, () => Promise<void>]>([
    ['is missing', () => rm(passwordFileOf(directory))],
    ['is empty after a crash', () => writeFile(passwordFileOf(directory), '')],
    ['is another one', () => writeFile(passwordFileOf(directory), `*:*:*:keywright:${'x'.repeat(43)}\n`)],
    ['was open to others', () => chmod(passwordFileOf(directory), 0o644)],
    ['was partly written', () => writeFile(`${passwordFileOf(directory)}.new`, '*:*')],
  ])(
    'is set at the next start when it %s',
    async (name, spoil) => {
      const before = await passwordOf(directory);
      await spoil();
      await start();
      await expectClosed();
      if (name === 'was open to others') expect(await passwordOf(directory)).not.toBe(before);
    },
    TIMEOUT_MS,
  );
});

test(
  'a data directory that only its owner can enter is used as it is, by root too',
  async () => {
    await chmod(directory, 0o700);
    await start();
    await expectClosed();
    await running!.stop();
    expect(await keywrightCommand(settings, ['check'])).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);

    const fresh = await temporaryDirectory();
    await chmod(fresh, 0o700);
    const first = spawnServer({ ...settings, KEYWRIGHT_DATA_DIR: fresh });
    await signIn(await first.ready(), OWNER);
    expect((await first.stop()).code).toBe(0);
    await rm(fresh, { recursive: true, force: true });
  },
  TIMEOUT_MS,
);
