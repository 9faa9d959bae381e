import { randomUUID } from 'node:crypto';
import type { LocalCount, LocalRow, LocalUsage } from '@keywright/schema/local-protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, verify, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { LocalSocket, NO_FACTS } from '../support/peers/local-socket.js';
import { spawnServer } from '../support/servers/server-process.js';
import { subscribe } from '../support/peers/subscribe.js';

let cluster: Cluster;
let caller: CreatedKey;
const urls: string[] = [];

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
  urls.push(...cluster.nodes.map(({ url }) => url));
  caller = await create({ permissions: ['keywright.verify'] });
});
afterAll(() => cluster.stop());

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(cluster.manager.url, cluster.owner, overrides);
const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(cluster.manager.url, query, variables, cluster.owner);

const countOf = (keyId: string, over: Partial<LocalCount> = {}): LocalCount => ({
  keyId,
  code: 'VALID',
  environment: 'PRODUCTION',
  usedPreviousSecret: false,
  atMs: Date.now(),
  count: 1,
  rows: [],
  ...over,
});
const rowOf = (over: Partial<LocalRow> = {}): LocalRow => ({
  ...NO_FACTS,
  requestId: 'req_01h455vb4pex5vsknk084sn02q',
  atMs: Date.now(),
  maskedSecret: null,
  latencyMicroseconds: 12,
  permissions: [],
  scopeId: null,
  ...over,
});
const batchOf = (...counts: LocalCount[]): LocalUsage => ({ batchId: randomUUID(), counts });

/** Connects, sends it and disconnects. */
async function tell(node: number, batch: LocalUsage): Promise<string> {
  const socket = await LocalSocket.open(urls[node]!, caller.secret);
  const answer = await socket.ask({ type: 'usage', batch });
  await socket.close();
  return answer.type === 'failed' ? answer.code : answer.type;
}

async function restart(node: number, signal: NodeJS.Signals): Promise<void> {
  const { process, settings } = cluster.nodes[node]!;
  await process.stop(signal);
  const again = spawnServer(settings);
  urls[node] = await again.ready();
  cluster.nodes[node] = { ...cluster.nodes[node]!, process: again, url: urls[node]! };
}

const byCode = async (id: string): Promise<Record<string, number>> => {
  const { apiKey } = await ask<{ apiKey: { usage: { byCode: { code: string; count: number }[] } } }>(
    'query ($id: ID!) { apiKey(id: $id) { usage { byCode { code count } } } }',
    { id },
  );
  return Object.fromEntries(apiKey.usage.byCode.map(({ code, count }) => [code, count]));
};

/** Waits until all usage reported before is in the database, by reporting more and waiting for that. */
async function settled(): Promise<void> {
  const key = await create();
  for (const [node] of urls.entries()) expect(await tell(node, batchOf(countOf(key.id)))).toBe('counted');
  await eventually(async () => expect(await byCode(key.id)).toEqual({ VALID: urls.length }));
}

test('decisions of a local verifier count once, however often, where and when they are reported', async () => {
  const key = await create();
  const batch = batchOf(
    countOf(key.id, { count: 40, rows: [rowOf(), rowOf()] }),
    countOf(key.id, { count: 2, code: 'RATE_LIMITED' }),
    countOf('', { code: 'KEY_MISSING' }),
  );
  // Concurrently, alternately, and before and after process exits, in any order of journal writes.
  await Promise.all([0, 0, 1, 1, 0].map((node) => tell(node, batch)));
  await restart(0, 'SIGKILL');
  expect(await tell(0, batch)).toBe('counted');
  await restart(1, 'SIGTERM');
  expect(await tell(1, batch)).toBe('counted');
  await settled();
  expect(await byCode(key.id)).toEqual({ VALID: 40, RATE_LIMITED: 2 });
  const { apiKey } = await ask<{ apiKey: { lastUsedAt: string; requestLogs: { nodes: unknown[] } } }>(
    'query ($id: ID!) { apiKey(id: $id) { lastUsedAt requestLogs { nodes { id } } } }',
    { id: key.id },
  );
  expect(Math.abs(Date.parse(apiKey.lastUsedAt) - Date.now())).toBeLessThan(60_000);
  expect(apiKey.requestLogs.nodes.length).toBeGreaterThanOrEqual(1);
}, 90_000);

test('are shown live like other usage', async () => {
  const key = await create();
  const live = await subscribe<{ requestLogs: { code: string; path: string } }>(
    cluster.manager.url,
    'subscription ($id: ID) { requestLogs(filter: { apiKeyId: $id }) { code path } }',
    { id: key.id },
    cluster.owner,
  );
  // Other processes learn of a listener within a moment.
  const shown = await eventually(async () => {
    await tell(0, batchOf(countOf(key.id, { rows: [rowOf({ path: '/live' })] })));
    return live.next(1500);
  }, 20_000);
  expect(shown.requestLogs).toEqual({ code: 'VALID', path: '/live' });
  await live.close();
});

test('are logged like others: redacted, with their own id, and at a possible time', async () => {
  const key = await create();
  const at = Date.now();
  const batch = batchOf(
    countOf(key.id, {
      count: 3,
      code: 'IP_NOT_ALLOWED',
      rows: [
        rowOf({
          requestId: 'nonsense',
          method: 'GET',
          path: `/a\n?key=${key.secret}`,
          ip: '192.0.2.1',
          maskedSecret: key.secret,
          permissions: ['a', 'b'],
          atMs: at + 86_400_000,
        }),
        rowOf({ atMs: -1e308, latencyMicroseconds: 1e300 }),
        rowOf({ atMs: -1e308 }),
      ],
    }),
  );
  expect(await tell(0, batch)).toBe('counted');
  await settled();
  const { apiKey } = await ask<{ apiKey: { requestLogs: { nodes: Record<string, unknown>[] } } }>(
    'query ($id: ID!) { apiKey(id: $id) { requestLogs { nodes { id at code status method path ip permission maskedSecret } } } }',
    { id: key.id },
  );
  const [first, ...others] = apiKey.requestLogs.nodes;
  expect(first).toMatchObject({
    id: expect.stringMatching(/^req_/) as unknown,
    code: 'IP_NOT_ALLOWED',
    status: 403,
    method: 'GET',
    path: '/a ?key=[redacted]',
    ip: '192.0.2.1',
    permission: 'a b',
    maskedSecret: null,
  });
  expect(Math.abs(Date.parse(first!['at'] as string) - at)).toBeLessThan(30_000);
  // Two with the same id and time become one row; both are counted.
  expect(others).toHaveLength(1);
  expect(await byCode(key.id)).toEqual({ IP_NOT_ALLOWED: 3 });
});

test('an invalid report, or one about keys that the caller cannot see, counts nothing', async () => {
  const key = await create();
  const good = countOf(key.id);
  for (const bad of [
    { ...good, count: 0 },
    { ...good, count: 1.5 },
    { ...good, count: 1e12 },
    { ...good, code: 'constructor' as never },
    { ...good, code: 'KEY_MISSING' as const },
    { ...good, keyId: '' },
    { ...good, keyId: 'key_nobodys' },
    { ...good, keyId: `${key.id}\0` },
    { ...good, atMs: null as never },
    { ...good, environment: 'production' as never },
    { ...good, rows: [rowOf(), rowOf()] },
    { ...good, rows: [{ ...rowOf(), more: 1 }] },
  ]) {
    expect(await tell(0, batchOf(good, bad))).toBe('BAD');
  }
  for (const batchId of ['', 'one', randomUUID().toUpperCase(), `${randomUUID()}0`]) {
    expect(await tell(0, { batchId, counts: [good] })).toBe('BAD');
  }
  const { createScope } = await ask<{ createScope: { id: string } }>(
    'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id } }',
    { input: { name: 'Elsewhere', kind: 'CUSTOMER', email: 'elsewhere@example.test' } },
  );
  const bounded = await create({
    permissions: null,
    grants: [{ scopeId: createScope.id, permissions: ['keywright.verify'] }],
  });
  const socket = await LocalSocket.open(urls[0]!, bounded.secret);
  expect(await socket.ask({ type: 'usage', batch: batchOf(good) })).toMatchObject({ code: 'BAD' });
  await socket.close();
  expect(await tell(0, batchOf())).toBe('counted');
  await settled();
  expect(await byCode(key.id)).toEqual({});
});

test('leased units of a quota stay used after a restart, but returned ones do not', async () => {
  const key = await create({ quotas: [{ period: 'MONTH', limit: 100 }] });
  const socket = await LocalSocket.open(urls[1]!, caller.secret);
  await socket.prove(key.secret);
  const { lease, units } = await socket.lease(key.id, 30, 30);
  expect(units).toBe(30);
  socket.say({ type: 'release', lease, units: 10 });
  await socket.prove('');
  await socket.close();
  await restart(1, 'SIGKILL');
  const { body } = await verify(urls[1]!, caller.secret, { key: key.secret });
  expect(body['limits']).toMatchObject([{ remaining: 100 - 20 - 1 }]);
});
