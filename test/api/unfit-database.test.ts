import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { keywrightCommand } from '../support/servers/command-line.js';
import { freshDatabase, queryOnce, type FreshDatabase } from '../support/servers/fresh-database.js';
import { startPostgres } from '../support/servers/postgres.js';
import { spawnServer } from '../support/servers/server-process.js';
import { temporaryDirectory, writeMasterKey } from '../support/servers/start-keywright.js';

const PASSWORD = 'p%40ss-hunter2';
const TIMEOUT_MS = 180_000;

let directory: string;
let masterKey: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  masterKey = await writeMasterKey(directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const settings = (url: string): Record<string, string> => ({
  PORT: '0',
  DATABASE_URL: url,
  KEYWRIGHT_DATA_DIR: directory,
  KEYWRIGHT_MASTER_KEY_FILE: masterKey,
});

/** Expects that a server rejects this database, and returns its message. */
async function refusal(url: string): Promise<string> {
  const server = spawnServer(settings(url));
  const { code } = await server.ended;
  const said = server.stderr().trim();
  expect(code, said).toBe(1);
  expect(said.split('\n')).toHaveLength(1);
  expect(said).not.toContain('hunter2');
  return said;
}

async function starts(url: string): Promise<void> {
  const server = spawnServer(settings(url));
  await server.ready();
  expect((await server.stop()).code).toBe(0);
}

describe('a start is rejected', { timeout: TIMEOUT_MS }, () => {
  let database: FreshDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.drop());

  test('on a database that is not UTF-8', async () => {
    const server = inject('postgresUrl');
    await queryOnce(server, `create database latin encoding 'LATIN1' locale 'C' template template0`);
    const said = await refusal(server.replace(/\/postgres$/, '/latin'));
    expect(said).toMatch(/LATIN1.*UTF8/);
    await queryOnce(server, 'drop database latin');
  });

  test('on a database that is read-only', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.query(`alter database ${name} set default_transaction_read_only = on`);
    expect(await refusal(database.url)).toMatch(/is read-only.*default_transaction_read_only/);
  });

  test('on a replica', async () => {
    const postgres = await startPostgres();
    try {
      await postgres.becomeReplica();
      expect(await refusal(postgres.url)).toMatch(/is a replica.*primary/);
    } finally {
      await postgres.stop();
    }
  });

  describe('for a role', () => {
    const role = `limited_${process.pid}`;
    const asRole = (): string => database.url.replace(/\/\/[^@]*@/, `//${role}:${PASSWORD}@`);
    beforeEach(() => database.query(`create role ${role} login password 'x'`));
    afterEach(async () => {
      await database.query(`drop owned by ${role}`);
      await database.query(`drop role ${role}`);
    });

    test('that cannot create what is needed, which is named', async () => {
      const said = await refusal(asRole());
      expect(said).toMatch(/lacks privileges/);
      expect(said).toContain(`grant usage, create on schema public to ${role}`);
      expect(said).toMatch(/pg_trgm/);
    });

    test('that does not own the tables of a schema to migrate', async () => {
      expect((await keywrightCommand(settings(database.url), ['migrate'])).code).toBe(0);
      await database.query(`grant all on schema public to ${role}`);
      await database.query(`grant all on all tables in schema public to ${role}`);
      const [{ owner }] = (await database.query<{ owner: string }>('select current_user as owner')) as [
        { owner: string },
      ];
      // Nothing is pending: it can use the existing schema.
      await starts(asRole());
      await database.query(`delete from migrations where name like 'OldestVersions%'`);
      expect(await refusal(asRole())).toContain(`grant ${owner} to ${role}`);
    });

    test('that cannot write rows', async () => {
      expect((await keywrightCommand(settings(database.url), ['migrate'])).code).toBe(0);
      await database.query(`grant select on all tables in schema public to ${role}`);
      expect(await refusal(asRole())).toMatch(/select, insert, update and delete/);
    });
  });

  test('on a database that a newer version made incompatible', async () => {
    expect((await keywrightCommand(settings(database.url), ['migrate'])).code).toBe(0);
    const rows = await database.query<{ oldest_version: string | null }>(
      'select oldest_version from migrations',
    );
    expect(rows.map((row) => row.oldest_version)).not.toContain(null);

    await database.query(
      `insert into migrations (timestamp, name, oldest_version) values (9e12::bigint, 'Later', '0.1.0')`,
    );
    // As after a rollback of one release.
    await starts(database.url);
    expect((await keywrightCommand(settings(database.url), ['check'])).code).toBe(0);

    await database.query(`update migrations set oldest_version = '99.1.0' where name = 'Later'`);
    expect(await refusal(database.url)).toMatch(/newer Keywright.*99\.1\.0 or newer/);
    await database.query(`update migrations set oldest_version = null where name = 'Later'`);
    expect(await refusal(database.url)).toMatch(/newer Keywright/);
  });
});
