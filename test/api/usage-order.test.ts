import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, sandbox, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
});
afterAll(() => keywright.stop());

const create = (): Promise<CreatedKey> => createKey(keywright.url, { bearer }, {});

const totalOf = async (id: string): Promise<number> =>
  Number(
    (
      await keywright.database.query<{ total: string }>(
        'select total from api_key_usage where api_key_id = $1',
        [id],
      )
    )[0]!.total,
  );

const firstBy = async (url: string, field: string): Promise<string> =>
  (
    await request<{ apiKeys: { nodes: { id: string }[] } }>(
      url,
      `query ($field: ApiKeySortField!) {
         apiKeys(first: 1, sort: { field: $field, direction: DESC }) { nodes { id } } }`,
      { field },
      { bearer },
    )
  ).apiKeys.nodes[0]!.id;

test('counting a key updates no index', { timeout: 120_000 }, async () => {
  const key = await create();
  for (let round = 1; round <= 12; round++) {
    await sandbox(keywright.url, 'production/ping', key.secret);
    await eventually(async () => expect(await totalOf(key.id)).toBe(round));
  }
  await eventually(async () => {
    const [updates] = await keywright.database.query<{ all: number; hot: number }>(
      `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'api_key_usage'`,
    );
    expect(updates!.all).toBeGreaterThanOrEqual(12);
    expect(updates!.hot / updates!.all).toBeGreaterThan(0.8);
  });
});

test('lists are sorted by a first use immediately', async () => {
  const key = await create();
  await sandbox(keywright.url, 'production/ping', key.secret);
  await eventually(async () => expect(await firstBy(keywright.url, 'LAST_USED')).toBe(key.id));
});

test('usage counted by an older process, or unwritten when a process ended, is sorted after a start', async () => {
  const key = await create();
  await keywright.database.query(
    `update api_key_usage set total = 1000000, last_used_at = now() + interval '1 hour' where api_key_id = $1`,
    [key.id],
  );
  await keywright.process.stop();
  const next = spawnServer(keywright.settings);
  try {
    const url = await next.ready();
    await eventually(async () => {
      expect(await firstBy(url, 'USAGE')).toBe(key.id);
      expect(await firstBy(url, 'LAST_USED')).toBe(key.id);
    });
  } finally {
    await next.stop();
  }
});
