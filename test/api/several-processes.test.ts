import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { createKey, verify, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { subscribe } from '../support/peers/subscribe.js';

let cluster: Cluster;
let caller: CreatedKey;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
  caller = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
  // A process is counted from its first report on, a moment after it is ready.
  await eventually(async () => expect((await create()).propagation.nodes).toBe(2));
});
afterAll(() => cluster.stop());

const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(cluster.manager.url, query, variables, cluster.owner);

const codeAt = async (node: number, secret: string): Promise<string> =>
  (await verify(cluster.nodes[node]!.url, caller.secret, { key: secret })).body.code;

interface Change {
  readonly change: {
    readonly propagation: {
      readonly changeToken: string;
      readonly nodes: number;
      readonly applied: number;
      readonly milliseconds: number | null;
    };
  };
}

const PROPAGATION = 'propagation { changeToken nodes applied milliseconds }';

const MAX_TRIES = 20;

/**
 * Repeats a change until its answer says that both processes have applied it. It waits for them, but only 200 ms, which a busy
 * machine exceeds now and then.
 */
async function toldLive<Made extends Change['change']>(make: () => Promise<Made>): Promise<Made> {
  for (let tries = 1; ; tries++) {
    const made = await make();
    const { nodes, applied, milliseconds } = made.propagation;
    expect(nodes).toBe(2);
    expect(milliseconds === null).toBe(applied < nodes);
    if (applied === nodes) {
      expect(milliseconds).toBeGreaterThanOrEqual(0);
      return made;
    }
    expect(tries, 'answers that came before both processes had applied the change').toBeLessThan(MAX_TRIES);
  }
}

type Created = Change['change'] & {
  readonly apiKey: { readonly id: string };
  readonly secret: { readonly secret: string };
};

let made = 0;
const create = async (): Promise<Created> => {
  const input = { name: `Works everywhere ${++made}`, permissions: ['*'] };
  const { created } = await ask<{ created: Created }>(
    `mutation ($input: CreateApiKeyInput!) {
       created: createApiKey(input: $input) { apiKey { id } secret { secret } ${PROPAGATION} } }`,
    { input },
  );
  return created;
};

test('a key created by one process works immediately at the others, and a revoked one stops', async () => {
  const created = await toldLive(create);
  for (const node of [0, 1]) expect(await codeAt(node, created.secret.secret)).toBe('VALID');
  const change = await toldLive(async () => {
    const { apiKey, secret } = await create();
    const revoked = await ask<Change>(
      `mutation ($id: ID!) { change: revokeApiKey(id: $id) { ${PROPAGATION} } }`,
      { id: apiKey.id },
    );
    return { ...revoked.change, key: { id: apiKey.id, secret: secret.secret } };
  });
  const { key } = change;
  for (const node of [0, 1]) expect(await codeAt(node, key.secret)).toBe('KEY_REVOKED');
  const { propagation } = await ask<{ propagation: unknown }>(
    'query ($token: String!) { propagation(changeToken: $token) { nodes applied } }',
    { token: change.propagation.changeToken },
  );
  expect(propagation).toEqual({ nodes: 2, applied: 2 });
  const statusOf = (token: string): Promise<unknown> =>
    ask('query ($token: String!) { propagation(changeToken: $token) { nodes applied complete } }', { token });
  const [xid, event] = change.propagation.changeToken.split('-') as [string, string];
  // The format of older versions, which a client can still hold during an upgrade.
  expect(await statusOf(xid)).toEqual({ propagation: { nodes: 2, applied: 2, complete: true } });
  const nowhere = { propagation: { nodes: 2, applied: 0, complete: false } };
  // Transaction ids that a restored database reuses, or used before the feed began.
  expect(await statusOf(`${xid}-${event.slice(0, -4)}0000`)).toEqual(nowhere);
  expect(await statusOf('5')).toEqual(nowhere);
  expect(await statusOf(`9${xid}-${event}`)).toEqual(nowhere);
  for (const token of [
    '',
    '0',
    `${xid}-`,
    `${xid}-aud_1`,
    `${xid}-${key.id}`,
    `-${event}`,
    `${xid}-${event} `,
  ]) {
    await expect(statusOf(token)).rejects.toThrow('This is not a valid change token.');
  }
});

test('a change reports its progress while a process is frozen, and completes when that one is gone', async () => {
  const key = await createKey(cluster.manager.url, cluster.owner);
  const third = await cluster.addNode();
  await eventually(async () => {
    const { verificationNodes } = await ask<{ verificationNodes: unknown[] }>('{ verificationNodes { id } }');
    expect(verificationNodes).toHaveLength(4);
  });
  process.kill(third.process.pid, 'SIGSTOP');
  const disable = 'mutation ($id: ID!) { change: disableApiKey(id: $id) { propagation { nodes applied } } }';
  const { change } = await ask<Change>(disable, { id: key.id });
  expect(change.propagation).toEqual({ nodes: 3, applied: 2 });
  const again = await ask<Change>(disable, { id: key.id });
  expect(again.change.propagation, 'what changes nothing is not in force before the change is').toEqual({
    nodes: 3,
    applied: 2,
  });
  process.kill(third.process.pid, 'SIGCONT');
  await third.process.stop();
  const enable = disable.replace('disableApiKey', 'enableApiKey');
  expect((await ask<Change>(enable, { id: key.id })).change.propagation).toEqual({ nodes: 2, applied: 2 });
  expect((await ask<Change>(enable, { id: key.id })).change.propagation).toEqual({ nodes: 2, applied: 2 });
});

test('the processes of an installation are listed with their role and status', async () => {
  const { verificationNodes } = await ask<{
    verificationNodes: { role: string; keys: number; lostCount: number; host: string }[];
  }>('{ verificationNodes { role host keys backlogBytes lostCount version startedAt seenAt } }');
  expect(verificationNodes.map(({ role }) => role).sort()).toEqual(['MANAGE', 'VERIFY', 'VERIFY']);
  for (const node of verificationNodes) {
    expect(node.keys).toBeGreaterThan(0);
    expect(node.lostCount).toBe(0);
  }
});

test('each does only what its role allows', async () => {
  const [node] = cluster.nodes;
  const statusOf = async (url: string, path: string, init?: RequestInit): Promise<number> =>
    (await fetch(`${url}${path}`, init)).status;
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  expect(await statusOf(node!.url, '/graphql', post)).toBe(404);
  expect(await statusOf(node!.url, '/')).toBe(404);
  expect(await statusOf(node!.url, '/sandbox/production/ping')).toBe(404);
  expect(await statusOf(cluster.manager.url, '/v1/verify', post)).toBe(404);
  for (const { url } of [node!, cluster.manager]) {
    expect(await statusOf(url, '/livez')).toBe(200);
    expect(await statusOf(url, '/readyz')).toBe(200);
    expect(await statusOf(url, '/metrics')).toBe(200);
  }
});

test('usage counted by other processes is shown live, and adds up', async () => {
  const key = await createKey(cluster.manager.url, cluster.owner);
  const usage = await subscribe<{ usage: { total: number } }>(
    cluster.manager.url,
    'subscription ($ids: [ID!]) { usage(apiKeyIds: $ids) { total } }',
    { ids: [key.id] },
    cluster.owner,
  );
  for (let i = 0; i < 10; i++) await codeAt(i % 2, key.secret);
  let total = 0;
  while (total < 10) total += (await usage.next()).usage.total;
  expect(total).toBe(10);
  await usage.close();
  const { apiKey } = await ask<{ apiKey: { usage: { total: number } } }>(
    'query ($id: ID!) { apiKey(id: $id) { usage { total } } }',
    { id: key.id },
  );
  expect(apiKey.usage.total).toBe(10);
});

test('metrics are available on this machine, and to keys that can read them for the whole installation', async () => {
  const [node] = cluster.nodes;
  const read = (headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${node!.url}/metrics`, { headers });
  const text = await (await read()).text();
  expect(text).toMatch(/^keywright_verifications_total\{code="VALID"\} [1-9]/m);
  expect(text).toMatch(/^keywright_index_keys [1-9]/m);
  expect(text).toMatch(/^keywright_journal_backlog_bytes \d/m);
  expect(text).not.toMatch(/key_|kw_live/);
  const forwarded = { 'x-forwarded-for': '203.0.113.9' };
  expect((await read(forwarded)).status).toBe(401);
  expect((await read({ ...forwarded, 'x-api-key': caller.secret })).status).toBe(403);
  const reader = await createKey(cluster.manager.url, cluster.owner, {
    permissions: ['keywright.metrics.read'],
  });
  expect((await read({ ...forwarded, authorization: `Bearer ${reader.secret}` })).status).toBe(200);
});
