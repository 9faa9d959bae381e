import { Agent } from 'node:http';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startDebianPostgres, type DebianPostgres } from '../support/servers/debian-postgres.js';
import { eventually } from '../support/eventually.js';
import { request, type Credential } from '../support/peers/graphql.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';
import { verifyOnce } from '../support/peers/traffic.js';

const agent = new Agent({ keepAlive: true });
let postgres: DebianPostgres;
let first: Keywright;
let dataDir: string;
let again: { readonly process: ServerProcess; readonly url: string } | undefined;
let owner: Credential;
let gateway: CreatedKey;
let key: CreatedKey;
let url: string;

beforeEach(async () => {
  postgres = await startDebianPostgres();
  dataDir = await temporaryDirectory();
  first = await startKeywright({ env: { DATABASE_URL: postgres.url, KEYWRIGHT_DATA_DIR: dataDir } });
  url = first.url;
  owner = { bearer: await signIn(url) };
  gateway = await createKey(url, owner, { permissions: ['keywright.verify'] });
  key = await createKey(url, owner);
}, INSTALL_TIMEOUT_MS);
afterEach(async () => {
  await again?.process.stop();
  again = undefined;
  await first?.stop();
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function restart(): Promise<void> {
  if (again) await again.process.stop();
  else await first.process.stop();
  const process = spawnServer({ ...first.settings, DATABASE_URL: postgres.url, KEYWRIGHT_DATA_DIR: dataDir });
  again = { process, url: await process.ready() };
  url = again.url;
}

const counted = async (): Promise<number> => {
  const [row] = await postgres.query<{ total: number }>(
    'select coalesce(sum(count), 0)::int as total from usage_total where api_key_id = $1',
    [key.id],
  );
  return row!.total;
};
const verify = async (times: number): Promise<void> => {
  const before = await counted();
  for (let i = 0; i < times; i++) {
    expect((await verifyOnce(agent, url, gateway.secret, key.secret)).code).toBe('VALID');
  }
  await eventually(async () => expect(await counted()).toBe(before + times));
};
const lost = async (): Promise<unknown> => {
  const [process] = (
    await request<{ verificationNodes: object[] }>(
      url,
      '{ verificationNodes { lostCount lostCountIsMinimum } }',
      {},
      owner,
    )
  ).verificationNodes;
  return process;
};
const metric = async (name: string): Promise<string | undefined> =>
  new RegExp(`^${name} (.*)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1];

async function restore(dump: string): Promise<void> {
  // The server may hold locks in another order at that moment.
  await eventually(() => postgres.query('drop schema public cascade'));
  await postgres.query('create schema public');
  await postgres.tool('pg_restore', dump);
}

test('usage that neither a restored database nor the journal has is counted as lost, and journaled usage is counted again', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  await verify(5);
  await postgres.tool('pg_dump', '-Fc', '-f', dump);
  await verify(7);
  // Each start begins a new segment and removes earlier ones once they are written.
  await restart();
  await verify(3);
  await restart();
  await verify(2);
  await again!.process.stop();
  await restore(dump);
  await restart();
  await eventually(async () => expect(await counted()).toBe(5 + 2));
  await eventually(async () => expect(await lost()).toEqual({ lostCount: 7 + 3, lostCountIsMinimum: false }));
  expect(await metric('keywright_usage_lost_total')).toBe('10');
  expect(again!.process.stdout()).toMatch(/no longer has 10 verifications/);
  await verify(4);
  await restart();
  expect(await lost()).toEqual({ lostCount: 0, lostCountIsMinimum: false });
});

test('a process that runs during a restore reports what is lost', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  await verify(5);
  await postgres.tool('pg_dump', '-Fc', '-f', dump);
  await verify(7);
  await restart();
  await verify(3);
  await restore(dump);
  expect((await verifyOnce(agent, url, gateway.secret, key.secret)).code).toBe('VALID');
  await eventually(async () => expect(await counted()).toBe(5 + 3 + 1), 60_000);
  const found = { lostCount: 7, lostCountIsMinimum: false };
  await eventually(async () => expect(await lost()).toEqual(found), 60_000);
});

test('usage that an older version left uncounted is reported as lost without a number', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  await verify(5);
  await postgres.tool('pg_dump', '-Fc', '-f', dump);
  await verify(7);
  await postgres.query('update usage_journal set counted = 0, counted_batches = 0');
  await rm(join(dataDir, 'journal', 'tallies.json'), { force: true });
  await restart();
  await verify(3);
  expect(await lost()).toEqual({ lostCount: 0, lostCountIsMinimum: false });
  await restart();
  await verify(2);
  await again!.process.stop();
  await restore(dump);
  await restart();
  await eventually(async () => expect(await counted()).toBe(5 + 2));
  await eventually(async () => expect(await lost()).toMatchObject({ lostCountIsMinimum: true }));
});

test('a known key keeps verifying while the database of a running process is restored', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  await verify(1);
  await postgres.tool('pg_dump', '-Fc', '-f', dump);
  const seen = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const restored = new AbortController();
    const asking = (async () => {
      while (!restored.signal.aborted)
        seen.add((await verifyOnce(agent, url, gateway.secret, key.secret)).code);
    })();
    try {
      await restore(dump);
      // Give the process time to load the current state.
      await sleep(1500);
    } finally {
      restored.abort();
      await asking;
    }
  }
  expect([...seen]).toEqual(['VALID']);
});

test('nothing is added to a table whose restore has not reached its unique index', async () => {
  await verify(1);
  const [mark] = await postgres.query<Record<string, unknown>>('select * from usage_journal');
  // pg_restore adds indexes after the rows, and fails if a row came twice by then.
  await postgres.query('alter table usage_journal drop constraint usage_journal_pkey');
  await postgres.query('delete from usage_journal');
  await verifyOnce(agent, url, gateway.secret, key.secret);
  // Give the process time to try.
  await sleep(2500);
  expect(await postgres.query('select node from usage_journal')).toEqual([]);
  const columns = Object.keys(mark!);
  await postgres.query(
    `insert into usage_journal (${columns.join(', ')}) values (${columns.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(mark!),
  );
  await postgres.query('alter table usage_journal add constraint usage_journal_pkey primary key (node)');
  await eventually(async () => expect(await counted()).toBe(2));
});
