import { rm } from 'node:fs/promises';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keywrightCommand } from '../support/servers/command-line.js';
import { eventually } from '../support/eventually.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';
import { temporaryDirectory, writeMasterKey } from '../support/servers/start-keywright.js';

const TIMEOUT_MS = 180_000;

let database: FreshDatabase;
let directory: string;
let settings: Record<string, string>;
let reader: pg.Client;
let server: ServerProcess | undefined;
beforeEach(async () => {
  database = await freshDatabase();
  directory = await temporaryDirectory();
  settings = {
    PORT: '0',
    DATABASE_URL: database.url,
    KEYWRIGHT_DATA_DIR: directory,
    KEYWRIGHT_MASTER_KEY_FILE: await writeMasterKey(directory),
  };
  expect((await keywrightCommand(settings, ['migrate'])).code).toBe(0);
  reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
}, TIMEOUT_MS);
afterEach(async () => {
  await server?.stop();
  await reader.end();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
}, TIMEOUT_MS);

const partitions = async (): Promise<string[]> =>
  (
    await database.query<{ name: string }>(
      `select relname as name from pg_class where relname ~ '^request_log_[0-9]{8}$' and relkind = 'r' order by 1`,
    )
  ).map(({ name }) => name);

/** Sessions waiting for a lock on the log that others would queue behind. */
const queued = (): Promise<unknown[]> =>
  database.query(
    `select mode from pg_locks where not granted and locktype = 'relation' and mode = 'AccessExclusiveLock'`,
  );

test(
  'a process starts while the request log is read, creates due partitions, and drops old ones later',
  async () => {
    await database.query(
      `create table request_log_20200101 partition of request_log for values from ('2020-01-01') to ('2020-01-02')`,
    );
    // pg_dump holds every table for its whole run.
    await reader.query('begin');
    await reader.query('lock table request_log in access share mode');
    const waiters: unknown[] = [];
    const watch = setInterval(() => void queued().then((some) => waiters.push(...some)), 50);
    server = spawnServer(settings);
    await server.ready();
    expect(await partitions()).toHaveLength(4);
    await eventually(() => expect(server!.stdout()).toContain('The request log is being read'), 30_000);
    clearInterval(watch);
    expect(waiters).toEqual([]);

    await reader.query('commit');
    await eventually(async () => expect(await partitions()).toHaveLength(3), 60_000);
    expect(await partitions()).not.toContain('request_log_20200101');
  },
  TIMEOUT_MS,
);

test(
  'a process starts while another session locks the request log exclusively',
  async () => {
    await reader.query('begin');
    await reader.query('lock table request_log in access exclusive mode');
    server = spawnServer(settings);
    await server.ready();
    await reader.query('commit');
    await eventually(async () => expect(await partitions()).toHaveLength(3), 60_000);
  },
  TIMEOUT_MS,
);
