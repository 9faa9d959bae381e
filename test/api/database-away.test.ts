import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, sandbox, signIn, type CreatedKey } from '../support/peers/client.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { eventually } from '../support/eventually.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const MAX_STALENESS_SECONDS = 10;

let database: FreshDatabase;
let proxy: CuttableProxy;
let keywright: Keywright;
let bearer: string;

beforeAll(async () => {
  database = await freshDatabase();
  proxy = await cuttableProxy(database.url);
  keywright = await startKeywright({
    env: { DATABASE_URL: proxy.url, KEYWRIGHT_MAX_STALENESS_SECONDS: String(MAX_STALENESS_SECONDS) },
  });
  bearer = await signIn(keywright.url);
});
afterAll(async () => {
  await keywright.stop();
  await proxy.close();
  await database.drop();
});

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);
const ping = (key: CreatedKey): Promise<Response> => sandbox(keywright.url, 'production/ping', key.secret);
const codeOf = async (key: CreatedKey): Promise<string> => {
  const response = await ping(key);
  return response.status === 200 ? 'VALID' : ((await response.json()) as { code: string }).code;
};

test('known keys keep verifying without the database, expire on time, and stop at the staleness limit; nothing is counted twice or lost', async () => {
  const key = await create();
  const expiring = await create({ expiresAt: new Date(Date.now() + 4000).toISOString() });
  expect(await codeOf(expiring)).toBe('VALID');
  await proxy.cut();
  const cutAt = performance.now();
  let accepted = 0;
  while (performance.now() - cutAt < (MAX_STALENESS_SECONDS - 2) * 1000) {
    expect(await codeOf(key)).toBe('VALID');
    accepted++;
    await sleep(100);
  }
  expect(await codeOf(expiring)).toBe('KEY_EXPIRED');
  const refused = await graphql(keywright.url, '{ apiKeys { nodes { id } } }', {}, { bearer });
  expect(codes(refused)).toEqual(['UNAVAILABLE']);

  const shed = await eventually(async () => {
    const response = await ping(key);
    if (response.status === 200) accepted++;
    expect(response.status).toBe(503);
    return response;
  });
  expect(performance.now() - cutAt).toBeLessThan((MAX_STALENESS_SECONDS + 2) * 1000);
  expect(Number(shed.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await shed.json()).toMatchObject({ code: 'UNAVAILABLE', status: 503 });
  expect((await fetch(`${keywright.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${keywright.url}/livez`)).status).toBe(200);
  expect((await sandbox(keywright.url, 'production/ping', 'nonsense')).status).toBe(401);

  await proxy.mend();
  await eventually(async () => {
    expect(await codeOf(key)).toBe('VALID');
    accepted++;
  });
  await eventually(async () => {
    const { apiKey } = await request<{ apiKey: { usage: { accepted: number } } }>(
      keywright.url,
      'query ($id: ID!) { apiKey(id: $id) { usage { accepted } } }',
      { id: key.id },
      { bearer },
    );
    expect(apiKey.usage.accepted).toBe(accepted);
  }, 20_000);
}, 60_000);
