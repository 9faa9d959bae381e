import { createLocalVerifier, type LocalVerifier } from '@keywright/schema/local';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKey, verify, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startDebianPostgres, type DebianPostgres } from '../support/servers/debian-postgres.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { NONCES_KNOWN_AFTER_MS, signMessage } from '../support/peers/signers.js';
import { temporaryDirectory } from '../support/servers/start-keywright.js';

const host = 'api.example.test';
let primary: DebianPostgres;
let proxy: CuttableProxy;
let cluster: Cluster;
let gateway: CreatedKey;
const opened: LocalVerifier[] = [];

const create = (over: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(cluster.manager.url, cluster.owner, over);
const change = (field: string, id: string): Promise<unknown> =>
  request(
    cluster.manager.url,
    `mutation ($id: ID!) { ${field}(id: $id) { __typename } }`,
    { id },
    cluster.owner,
  );

async function open(): Promise<LocalVerifier> {
  const local = createLocalVerifier({ url: cluster.nodes[0]!.url, key: gateway.secret });
  opened.push(local);
  await local.ready();
  return local;
}
const codesOf = (local: LocalVerifier, keys: readonly CreatedKey[]): Promise<string[]> =>
  Promise.all(keys.map(async ({ secret }) => (await local.verify({ key: secret })).code));

beforeEach(async () => {
  primary = await startDebianPostgres();
  proxy = await cuttableProxy(primary.url);
  cluster = await startCluster({ nodes: 1, env: { DATABASE_URL: proxy.url } });
  gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
}, INSTALL_TIMEOUT_MS);
afterEach(async () => {
  await Promise.all(opened.splice(0).map((local) => local.close()));
  await cluster?.stop();
  await proxy?.close();
  await primary?.stop();
});

test('after a restore a local verifier clears its cache, applies holds, and accepts no nonce twice', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  const [lasting, disabled, revoked, reopened] = [
    await create(),
    await create(),
    await create(),
    await create(),
  ];
  const signed = await create({ kind: 'SIGNED', signatureProfiles: ['RFC9421'] });
  await change('disableApiKey', reopened.id);
  const local = await open();
  const before = ['VALID', 'VALID', 'VALID', 'KEY_DISABLED'];
  const keys = [lasting, disabled, revoked, reopened];
  await eventually(async () => expect(await codesOf(local, keys)).toEqual(before));
  await primary.tool('pg_dump', '-Fc', '-f', dump);

  const lost = await create();
  await change('disableApiKey', disabled.id);
  await change('revokeApiKey', revoked.id);
  await change('enableApiKey', reopened.id);
  const all = [...keys, lost];
  const newest = ['VALID', 'KEY_DISABLED', 'KEY_REVOKED', 'VALID', 'VALID'];
  await eventually(async () => expect(await codesOf(local, all)).toEqual(newest));
  for (const { secret } of [lasting, reopened, lost]) {
    expect(local.verifySync({ key: secret })?.code, 'decided here').toBe('VALID');
  }
  await sleep(NONCES_KNOWN_AFTER_MS);
  const call = signMessage(signed, '/crm', { authority: host });
  const signedCode = async (): Promise<string> =>
    (
      await verify(cluster.nodes[0]!.url, gateway.secret, {
        request: { method: 'GET', url: call.path, headers: { host, ...call.headers } },
      })
    ).body.code;
  await eventually(async () => expect(await signedCode()).toBe('VALID'));

  await proxy.cut();
  await primary.query('drop schema public cascade');
  await primary.query('create schema public');
  await primary.tool('pg_restore', dump);
  await proxy.mend();

  const after = ['VALID', 'KEY_DISABLED', 'KEY_REVOKED', 'KEY_DISABLED', 'KEY_NOT_FOUND'];
  await eventually(async () => expect(await codesOf(local, all)).toEqual(after), 15_000);
  expect(local.verifySync({ key: lasting.secret })?.code, 'decided here').toBe('VALID');
  expect(await codesOf(await open(), all)).toEqual(after);
  expect(await signedCode()).toBe('REPLAYED');

  const { keyHolds } = await request<{ keyHolds: { id: string; apiKeyId: string }[] }>(
    cluster.manager.url,
    '{ keyHolds { id apiKeyId } }',
    {},
    cluster.owner,
  );
  expect(new Set(keyHolds.map(({ apiKeyId }) => apiKeyId))).toEqual(new Set([disabled.id, revoked.id]));
  await change('releaseKeyHold', keyHolds.find(({ apiKeyId }) => apiKeyId === disabled.id)!.id);
  await eventually(async () => expect(await codesOf(local, all)).toEqual(after.with(1, 'VALID')));
});
