import { Agent } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startDebianPostgres, type DebianPostgres } from '../support/servers/debian-postgres.js';
import { queryOnce } from '../support/servers/fresh-database.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { temporaryDirectory } from '../support/servers/start-keywright.js';
import { verifyOnce } from '../support/peers/traffic.js';

const agent = new Agent({ keepAlive: true });
let primary: DebianPostgres;
let proxy: CuttableProxy;
let cluster: Cluster;
let gateway: CreatedKey;

const create = (): Promise<CreatedKey> => createKey(cluster.manager.url, cluster.owner);
const codeAt = async (node: VerifyNode, key: CreatedKey): Promise<string> =>
  (await verifyOnce(agent, node.url, gateway.secret, key.secret)).code;
const codes = (key: CreatedKey): Promise<string[]> =>
  Promise.all(cluster.nodes.map((node) => codeAt(node, key)));
const everywhere = (key: CreatedKey, code: string): Promise<void> =>
  eventually(async () => expect(new Set(await codes(key))).toEqual(new Set([code])), 15_000);

interface Propagation {
  readonly changeToken: string;
  readonly nodes: number;
  readonly applied: number;
  readonly milliseconds: number | null;
}

async function revoke({ id }: CreatedKey): Promise<Propagation> {
  const { revokeApiKey } = await request<{ revokeApiKey: { propagation: Propagation } }>(
    cluster.manager.url,
    'mutation ($id: ID!) { revokeApiKey(id: $id) { propagation { changeToken nodes applied milliseconds } } }',
    { id },
    cluster.owner,
  );
  return revokeApiKey.propagation;
}

/** The reported propagation of an earlier change. */
async function statusOf({ changeToken }: Pick<Propagation, 'changeToken'>): Promise<unknown> {
  const { propagation } = await request<{ propagation: unknown }>(
    cluster.manager.url,
    'query ($changeToken: String!) { propagation(changeToken: $changeToken) { nodes applied complete } }',
    { changeToken },
    cluster.owner,
  );
  return propagation;
}
const nowhere = { nodes: 2, applied: 0, complete: false };
const everywhereApplied = { nodes: 2, applied: 2, complete: true };

/** Uses up transaction ids, like the transactions on the other server. */
const useUpIds = (server: DebianPostgres, count: number): Promise<unknown> =>
  server.query(
    `do $$ begin for i in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`,
  );

const breaksOf = async (): Promise<number[]> => {
  const { verificationNodes } = await request<{
    verificationNodes: { role: string; databaseChanges: number }[];
  }>(cluster.manager.url, '{ verificationNodes { role databaseChanges } }', {}, cluster.owner);
  return verificationNodes.map(({ databaseChanges }) => databaseChanges);
};

beforeEach(async () => {
  primary = await startDebianPostgres();
  proxy = await cuttableProxy(primary.url);
  cluster = await startCluster({ nodes: 2, env: { DATABASE_URL: proxy.url } });
  gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
}, INSTALL_TIMEOUT_MS);
afterEach(async () => {
  await cluster?.stop();
  await proxy?.close();
  await primary?.stop();
});

test('every process detects a failover that lost transactions, even if new ones replaced them', async () => {
  const standby = await primary.standby();
  try {
    const [revokedThere, lasting] = [await create(), await create()];
    await everywhere(lasting, 'VALID');
    const kept = await revoke(await create());
    await eventually(async () =>
      expect(
        await standby.query('select 1 from audit_event where id = $1', [kept.changeToken.split('-')[1]]),
      ).toHaveLength(1),
    );
    await standby.kill();
    const lost = await create();
    await everywhere(lost, 'VALID');
    const lostChange = await revoke(await create());
    await eventually(async () => expect(await statusOf(lostChange)).toEqual(everywhereApplied));
    for (let i = 0; i < 20; i++) await create();
    await proxy.cut();
    await primary.kill();
    await standby.restart();
    await standby.promote();
    await standby.query('update api_key set enabled = false where id = $1', [revokedThere.id]);
    await useUpIds(standby, 2000);
    proxy.lead(standby.url);
    await proxy.mend();

    await everywhere(revokedThere, 'KEY_DISABLED');
    await everywhere(lost, 'KEY_NOT_FOUND');
    await everywhere(lasting, 'VALID');
    await eventually(async () => expect(await breaksOf()).toEqual([1, 1, 1]));
    for (const { process } of cluster.nodes) {
      expect(process.stdout() + process.stderr()).toMatch(/"level":"error".*The database went back/);
    }
    await eventually(async () =>
      expect(await revoke(await create())).toMatchObject({ nodes: 2, applied: 2 }),
    );
    // The new primary has had a different transaction with this id.
    expect(await statusOf(lostChange)).toEqual(nowhere);
    expect(await statusOf(kept)).toEqual(everywhereApplied);
    // Once: later changes build on the new history.
    expect(await breaksOf()).toEqual([1, 1, 1]);
  } finally {
    await standby.stop();
  }
});

interface Hold {
  readonly id: string;
  readonly apiKeyId: string;
  readonly reasons: string[];
}

const HOLDS = '{ keyHolds { id apiKeyId reasons } }';
const holds = async (): Promise<Hold[]> =>
  (await request<{ keyHolds: Hold[] }>(cluster.manager.url, HOLDS, {}, cluster.owner)).keyHolds;
const change = (field: string, id: string): Promise<unknown> =>
  request(
    cluster.manager.url,
    `mutation ($id: ID!) { ${field}(id: $id) { __typename } }`,
    { id },
    cluster.owner,
  );
const update = (input: Record<string, unknown>): Promise<unknown> =>
  request(
    cluster.manager.url,
    'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { __typename } }',
    { input },
    cluster.owner,
  );

async function restore(dump: string): Promise<void> {
  await proxy.cut();
  await primary.query('drop schema public cascade');
  await primary.query('create schema public');
  await primary.tool('pg_restore', dump);
  await proxy.mend();
}

test('every process detects a restore in place, and no key revoked since then works', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  const [lasting, revoked, disabled, narrowed, reopened] = [
    await create(),
    await create(),
    await create(),
    await create(),
    await create(),
  ];
  const replaced = await create();
  await change('disableApiKey', reopened.id);
  await everywhere(lasting, 'VALID');
  const kept = await revoke(await create());
  await primary.tool('pg_dump', '-Fc', '-f', dump);
  const lost = await create();
  const lostChange = await revoke(revoked);
  await change('disableApiKey', disabled.id);
  await update({ id: narrowed.id, allowedCidrs: ['192.0.2.0/24'] });
  await change('regenerateApiKey', replaced.id);
  await change('enableApiKey', reopened.id);
  await everywhere(lost, 'VALID');
  await everywhere(narrowed, 'IP_NOT_ALLOWED');
  await eventually(async () => expect(await revoke(await create())).toMatchObject({ nodes: 2, applied: 2 }));
  await restore(dump);

  await everywhere(lost, 'KEY_NOT_FOUND');
  await everywhere(lasting, 'VALID');
  await eventually(async () => expect(await breaksOf()).toEqual([1, 1, 1]));
  const closed: [CreatedKey, string, string][] = [
    [revoked, 'KEY_REVOKED', 'REVOKED'],
    [disabled, 'KEY_DISABLED', 'DISABLED'],
    [narrowed, 'IP_NOT_ALLOWED', 'ADDRESSES'],
    [replaced, 'KEY_NOT_FOUND', 'SECRET_REPLACED'],
  ];
  for (const [key, code] of closed) expect(new Set(await codes(key))).toEqual(new Set([code]));
  expect(await statusOf(lostChange)).toEqual(nowhere);
  await eventually(async () => expect(await statusOf(kept)).toEqual(everywhereApplied));
  // Access granted since the backup is unchanged.
  expect(new Set(await codes(reopened))).toEqual(new Set(['KEY_DISABLED']));
  const raised = await holds();
  expect(new Map(raised.map(({ apiKeyId, reasons }) => [apiKeyId, reasons.join()]))).toEqual(
    new Map(closed.map(([key, , reason]) => [key.id, reason])),
  );
  // A process that starts with an empty data directory is bound too.
  const fresh = await cluster.addNode();
  for (const [key, code] of closed) expect(await codeAt(fresh, key)).toBe(code);

  const holdOf = (key: CreatedKey): string => raised.find(({ apiKeyId }) => apiKeyId === key.id)!.id;
  await change('releaseKeyHold', holdOf(disabled));
  await change('applyKeyHold', holdOf(revoked));
  await change('applyKeyHold', holdOf(narrowed));
  await change('applyKeyHold', holdOf(replaced));
  expect(await holds()).toEqual([]);
  await everywhere(disabled, 'VALID');
  for (const [key, code] of closed) if (key !== disabled) await everywhere(key, code);
  await eventually(async () => expect(await revoke(await create())).toMatchObject({ nodes: 3, applied: 3 }));
});

test('a restore while no process runs revives no key, and a later enabling still counts', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  const [revoked, reopened] = [await create(), await create()];
  await everywhere(reopened, 'VALID');
  await primary.tool('pg_dump', '-Fc', '-f', dump);
  await change('disableApiKey', reopened.id);
  await revoke(revoked);
  await everywhere(revoked, 'KEY_REVOKED');
  const [first, second] = cluster.nodes.splice(0) as [VerifyNode, VerifyNode];
  for (const { process } of [first, second]) await process.stop('SIGKILL');
  await change('enableApiKey', reopened.id);
  const again = await cluster.addNode({ KEYWRIGHT_DATA_DIR: first.dataDir });
  expect(await codeAt(again, reopened)).toBe('VALID');
  await again.process.stop('SIGKILL');
  cluster.nodes.splice(0);
  await restore(dump);

  await cluster.addNode({ KEYWRIGHT_DATA_DIR: first.dataDir });
  await everywhere(revoked, 'KEY_REVOKED');
  await everywhere(reopened, 'VALID');
  await cluster.addNode({ KEYWRIGHT_DATA_DIR: second.dataDir });
  await everywhere(revoked, 'KEY_REVOKED');
});

test('what was released stays released when an absent process returns, and later losses are held', async () => {
  const [first, second] = [
    join(await temporaryDirectory(), 'dump'),
    join(await temporaryDirectory(), 'dump'),
  ];
  const released = await create();
  const mutate = <Data>(query: string, variables: Record<string, unknown>): Promise<Data> =>
    request<Data>(cluster.manager.url, query, variables, cluster.owner);
  const { account } = await mutate<{ account: { id: string } }>(
    'mutation ($input: CreateServiceAccountInput!) { account: createServiceAccount(input: $input) { id } }',
    { input: { name: 'Worker', grants: [{ permissions: ['view_customer'] }] } },
  );
  const ofAccount = await createKey(cluster.manager.url, cluster.owner, {
    permissions: undefined,
    serviceAccountId: account.id,
  });
  const disableBoth = async (): Promise<void> => {
    await change('disableApiKey', released.id);
    await everywhere(released, 'KEY_DISABLED');
    await mutate(
      'mutation ($input: UpdateServiceAccountInput!) { updateServiceAccount(input: $input) { id } }',
      { input: { id: account.id, enabled: false } },
    );
    await everywhere(ofAccount, 'KEY_DISABLED');
  };
  const accessHolds = async (): Promise<{ id: string }[]> =>
    (await mutate<{ accessHolds: { id: string }[] }>('{ accessHolds { id } }', {})).accessHolds;
  const releaseBoth = async (): Promise<void> => {
    const [ofKey, ofAccess] = await eventually(async () => {
      const both = [await holds(), await accessHolds()] as const;
      expect(both.map(({ length }) => length)).toEqual([1, 1]);
      return both;
    }, 15_000);
    await change('releaseKeyHold', ofKey[0]!.id);
    await change('releaseAccessHold', ofAccess[0]!.id);
    for (const key of [released, ofAccount]) await everywhere(key, 'VALID');
  };
  for (const key of [released, ofAccount]) await everywhere(key, 'VALID');
  await primary.tool('pg_dump', '-Fc', '-f', first);
  await disableBoth();
  const away = cluster.nodes.pop()!;
  await away.process.stop('SIGKILL');
  await restore(first);
  await releaseBoth();

  const back = await cluster.addNode({ KEYWRIGHT_DATA_DIR: away.dataDir });
  for (const key of [released, ofAccount]) await everywhere(key, 'VALID');
  expect(back.process.stdout() + back.process.stderr()).toContain('The database went back');
  expect([await holds(), await accessHolds()]).toEqual([[], []]);

  // A repetition is another loss.
  await primary.tool('pg_dump', '-Fc', '-f', second);
  await disableBoth();
  await restore(second);
  await eventually(async () => expect(await breaksOf()).toEqual([2, 2, 2]), 15_000);
  await everywhere(released, 'KEY_DISABLED');
  await everywhere(ofAccount, 'KEY_DISABLED');
  await releaseBoth();
});

test('a copy in another database starts its own era and discards changes of transactions that it lacks', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  const key = await create();
  await primary.query(`insert into change (xid, entity, entity_id) values ('4000000000', 'api_key', $1)`, [
    key.id,
  ]);
  await primary.tool('pg_dump', '-Fc', '-f', dump);
  await primary.query('create database copy');
  const copy = primary.url.replace(/keywright$/, 'copy');
  await primary.tool('pg_restore', '-d', copy, dump);
  const era = `select id from database_era`;
  const [original] = await primary.query<{ id: string }>(era);
  expect(await queryOnce(copy, era)).toEqual([original]);

  const node = await cluster.addNode({ DATABASE_URL: copy });
  expect(await codeAt(node, key)).toBe('VALID');
  const [own] = await queryOnce<{ id: string }>(copy, era);
  expect(own!.id).not.toBe(original!.id);
  expect(await queryOnce(copy, `select 1 from change where xid >= '4000000000'`)).toEqual([]);
  expect(await primary.query(era)).toEqual([original]);
});
