import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keywrightCommand } from '../support/servers/command-line.js';
import { eventually } from '../support/eventually.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { spawnServer } from '../support/servers/server-process.js';
import { temporaryDirectory, writeMasterKey } from '../support/servers/start-keywright.js';

const TIMEOUT_MS = 240_000;
/** Longer than the statement and lock timeouts of the pool. */
const LONG_WAIT_MS = 37_000;

let directory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a start that waits for its database', { timeout: TIMEOUT_MS }, () => {
  let database: FreshDatabase;
  let holder: pg.Client;
  const settings = async (name: string): Promise<Record<string, string>> => ({
    PORT: '0',
    DATABASE_URL: database.url,
    KEYWRIGHT_DATA_DIR: join(directory, name),
    KEYWRIGHT_MASTER_KEY_FILE: await writeMasterKey(directory),
  });
  beforeEach(async () => {
    database = await freshDatabase();
    holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('begin');
  });
  afterEach(async () => {
    await holder.end();
    await database.drop();
  });

  const waiting = (type: string, count: number): Promise<void> =>
    eventually(async () => {
      const waiters = await database.query(
        `select from pg_locks where not granted and locktype = $1 and database = (select oid from pg_database where datname = current_database())`,
        [type],
      );
      expect(waiters).toHaveLength(count);
    }, 60_000);

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('exits immediately on %s', async (signal, code) => {
    await holder.query('select pg_advisory_xact_lock(7297118250)');
    const server = spawnServer(await settings('one'));
    await waiting('advisory', 1);
    expect(await server.stop(signal)).toEqual({ code, signal: null });
    expect(server.stderr()).toBe('');
    expect(server.stdout()).not.toContain('is ready at');
  });

  test('waits as long as necessary, as does a second one that waits for the first', async () => {
    expect((await keywrightCommand(await settings('one'), ['migrate'])).code).toBe(0);
    await database.query(`delete from migrations where name like 'OldestVersions%'`);
    await database.query('alter table migrations drop column oldest_version');
    await holder.query('lock table migrations in access share mode');
    const first = spawnServer(await settings('one'));
    await waiting('relation', 1);
    const second = spawnServer(await settings('two'));
    await waiting('advisory', 1);
    await sleep(LONG_WAIT_MS);
    await holder.query('commit');
    await Promise.all([first.ready(), second.ready()]);
    for (const server of [first, second]) expect((await server.stop()).code).toBe(0);
  });
});

test(
  'an interrupted first start leaves no PostgreSQL running and nothing that breaks the next start',
  async () => {
    const settings = { PORT: '0', KEYWRIGHT_DATA_DIR: directory };
    const there = (name: string): Promise<boolean> =>
      access(join(directory, name)).then(
        () => true,
        () => false,
      );
    const during = async (moment: () => Promise<boolean>): Promise<void> => {
      const server = spawnServer(settings);
      await eventually(async () => expect(await moment()).toBe(true), 60_000);
      expect((await server.stop('SIGINT')).code).toBe(130);
    };
    await during(() => there('postgres.new'));
    expect(await there('postgres/PG_VERSION')).toBe(false);
    let pid = 0;
    await during(async () => {
      const text = await readFile(join(directory, 'postgres/postmaster.pid'), 'utf8').catch(() => '');
      pid = Number(text.split('\n')[0]);
      return pid > 0;
    });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    const server = spawnServer(settings);
    await server.ready();
    expect((await server.stop()).code).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "the embedded PostgreSQL receives none of Keywright's settings, and so no password",
  async () => {
    const server = spawnServer({
      PORT: '0',
      KEYWRIGHT_DATA_DIR: directory,
      KEYWRIGHT_ADMIN_EMAIL: 'owner@example.test',
      KEYWRIGHT_ADMIN_PASSWORD: 'a long enough password',
    });
    await server.ready();
    const pid = Number((await readFile(join(directory, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toMatch(/KEYWRIGHT|a long enough password/);
    expect((await server.stop()).code).toBe(0);
  },
  TIMEOUT_MS,
);
