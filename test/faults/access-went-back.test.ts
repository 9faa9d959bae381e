import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKey, verify, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startDebianPostgres, type DebianPostgres } from '../support/servers/debian-postgres.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { temporaryDirectory } from '../support/servers/start-keywright.js';
import { ROOT } from '../support/seed/tenancy.js';

let primary: DebianPostgres;
let proxy: CuttableProxy;
let cluster: Cluster;
let gateway: CreatedKey;

const ask = <Data = Record<string, { id: string }>>(
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Data> => request<Data>(cluster.manager.url, query, variables, cluster.owner);
const make = async (kind: string, input: Record<string, unknown>): Promise<string> => {
  const made = await ask(`mutation ($input: Create${kind}Input!) { create${kind}(input: $input) { id } }`, {
    input,
  });
  return made[`create${kind}`]!.id;
};
const update = (kind: string, input: Record<string, unknown>): Promise<unknown> =>
  ask(`mutation ($input: Update${kind}Input!) { update${kind}(input: $input) { id } }`, { input });
const switchApi = (id: string, enabled: boolean): Promise<unknown> =>
  ask('mutation ($id: ID!, $enabled: Boolean!) { setScopeApiEnabled(id: $id, enabled: $enabled) { id } }', {
    id,
    enabled,
  });
const key = (over: Record<string, unknown>): Promise<CreatedKey> =>
  createKey(cluster.manager.url, cluster.owner, { permissions: undefined, ...over });

beforeEach(async () => {
  primary = await startDebianPostgres();
  proxy = await cuttableProxy(primary.url);
  cluster = await startCluster({ nodes: 1, env: { DATABASE_URL: proxy.url } });
  gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
}, INSTALL_TIMEOUT_MS);
afterEach(async () => {
  await cluster?.stop();
  await proxy?.close();
  await primary?.stop();
});

async function restore(dump: string): Promise<void> {
  await proxy.cut();
  await primary.query('drop schema public cascade');
  await primary.query('create schema public');
  await primary.tool('pg_restore', dump);
  await proxy.mend();
}

interface Question {
  readonly secret: string;
  readonly permission: string;
  readonly scope?: string;
}
const codeAt = async (node: VerifyNode, { secret, ...wanted }: Question): Promise<string> =>
  (await verify(node.url, gateway.secret, { key: secret, ...wanted })).body.code;
/** The verdicts of each process on each question. */
async function codes(questions: Record<string, Question>): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const [name, question] of Object.entries(questions)) {
    const all = await Promise.all(cluster.nodes.map((node) => codeAt(node, question)));
    answers[name] = [...new Set(all)].join();
  }
  return answers;
}

interface Hold {
  readonly id: string;
  readonly target: string;
  readonly targetId: string;
  readonly reasons: readonly string[];
}
const holds = async (): Promise<Hold[]> =>
  (await ask<{ accessHolds: Hold[] }>('{ accessHolds { id target targetId reasons } }')).accessHolds;
const heldReasons = async ({ id }: CreatedKey): Promise<string[]> =>
  (
    await ask<{ apiKey: { heldReasons: string[] } }>('query ($id: ID!) { apiKey(id: $id) { heldReasons } }', {
      id,
    })
  ).apiKey.heldReasons;
const settle = (field: string, id: string): Promise<unknown> =>
  ask(`mutation ($id: ID!) { ${field}(id: $id) { propagation { complete } } }`, { id });

test('a restore revives no access that keys had lost through their service account, a role, a customer or a move', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  const scope = (kind: string, parentId: string, name: string): Promise<string> =>
    make('Scope', {
      kind,
      parentId,
      name,
      apiEnabled: true,
      ...(kind === 'CUSTOMER' ? { email: `${name}@example.test` } : {}),
    });
  const [north, south] = [await scope('CUSTOMER', ROOT, 'north'), await scope('CUSTOMER', ROOT, 'south')];
  const moved = await scope('ORGANIZATION', north, 'moved');
  const role = await make('Role', { name: 'Reader', permissions: ['view_customer', 'view_invoice'] });
  const both = { permissions: ['view_customer', 'view_invoice'] };
  const account = (name: string, scopeId: string, grants: unknown[]): Promise<string> =>
    make('ServiceAccount', { name, scopeId, grants });
  const [disabled, narrowed, switched, reopened] = [
    await account('disabled', ROOT, [both]),
    await account('narrowed', ROOT, [both]),
    await account('switched', south, [{ ...both, scopeId: south }]),
    await account('reopened', ROOT, [both]),
  ];
  const ofDisabled = await key({ serviceAccountId: disabled });
  const ofNarrowed = await key({ serviceAccountId: narrowed });
  const ofSwitched = await key({ serviceAccountId: switched });
  const ofReopened = await key({ serviceAccountId: reopened });
  const ofRole = await key({ grants: [{ roleId: role }] });
  const ofNorth = await key({ grants: [{ ...both, scopeId: north }] });
  const ofRoot = await key({ grants: [both] });
  await update('ServiceAccount', { id: reopened, enabled: false });
  const questions: Record<string, Question> = {
    disabled: { secret: ofDisabled.secret, permission: 'view_invoice' },
    narrowed: { secret: ofNarrowed.secret, permission: 'view_invoice' },
    narrowedStill: { secret: ofNarrowed.secret, permission: 'view_customer' },
    switched: { secret: ofSwitched.secret, permission: 'view_invoice' },
    reopened: { secret: ofReopened.secret, permission: 'view_invoice' },
    role: { secret: ofRole.secret, permission: 'view_invoice' },
    roleStill: { secret: ofRole.secret, permission: 'view_customer' },
    moved: { secret: ofNorth.secret, permission: 'view_invoice', scope: moved },
    movedNorth: { secret: ofNorth.secret, permission: 'view_invoice', scope: north },
    movedRoot: { secret: ofRoot.secret, permission: 'view_invoice', scope: moved },
  };
  const open = Object.fromEntries(Object.keys(questions).map((name) => [name, 'VALID']));
  const before = { ...open, reopened: 'SERVICE_ACCOUNT_DISABLED' };
  await eventually(async () => {
    const found = await codes(questions);
    expect({ ...found, reopened: 'SERVICE_ACCOUNT_DISABLED' }).toEqual(before);
    expect(found['reopened']).not.toBe('VALID');
  });
  await primary.tool('pg_dump', '-Fc', '-f', dump);

  await update('ServiceAccount', { id: disabled, enabled: false });
  await update('ServiceAccount', { id: narrowed, grants: [{ permissions: ['view_customer'] }] });
  await switchApi(south, false);
  await update('ServiceAccount', { id: reopened, enabled: true });
  await update('Role', { id: role, permissions: ['view_customer'] });
  await ask('mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }', {
    input: { id: moved, parentId: south },
  });
  const newest = await eventually(async () => {
    const found = await codes(questions);
    expect(found).toMatchObject({
      narrowed: 'PERMISSION_DENIED',
      narrowedStill: 'VALID',
      reopened: 'VALID',
      role: 'PERMISSION_DENIED',
      roleStill: 'VALID',
      moved: 'SCOPE_DENIED',
      movedNorth: 'VALID',
      movedRoot: 'VALID',
    });
    for (const name of ['disabled', 'switched']) expect(found[name]).not.toBe('VALID');
    return found;
  });
  await restore(dump);

  // Access granted since the backup is unchanged; no other access is granted.
  const after = { ...newest, reopened: newest['disabled']! };
  await eventually(async () => expect(await codes(questions)).toEqual(after), 15_000);
  await eventually(async () => expect(await holds()).toHaveLength(5));
  const raised = await holds();
  expect(
    new Map(raised.map(({ target, targetId, reasons }) => [targetId, `${target} ${reasons.join()}`])),
  ).toEqual(
    new Map([
      [disabled, 'SERVICE_ACCOUNT DISABLED'],
      [narrowed, 'SERVICE_ACCOUNT ACCESS'],
      [south, 'SCOPE API_DISABLED'],
      [role, 'ROLE ACCESS'],
      [moved, 'SCOPE MOVED'],
    ]),
  );
  expect(await codes(questions)).toEqual(after);
  // A process that starts with an empty data directory is bound too.
  await cluster.addNode();
  expect(await codes(questions)).toEqual(after);
  expect(await heldReasons(ofDisabled)).toEqual(['SERVICE_ACCOUNT_DISABLED']);
  expect(await heldReasons(ofSwitched)).toEqual(['API_DISABLED']);
  expect(await heldReasons(ofRole)).toEqual(['ACCESS']);
  expect(await heldReasons(ofRoot)).toEqual([]);
  const openHolds = async (): Promise<string> =>
    /^keywright_open_holds (\d+)$/m.exec(await (await fetch(`${cluster.nodes[0]!.url}/metrics`)).text())![1]!;
  await eventually(async () => expect(await openHolds()).toBe('5'));

  const holdOf = (id: string): string => raised.find(({ targetId }) => targetId === id)!.id;
  for (const id of [narrowed, south, role, moved]) await settle('applyAccessHold', holdOf(id));
  await settle('releaseAccessHold', holdOf(disabled));
  expect(await holds()).toEqual([]);
  await eventually(async () => expect(await codes(questions)).toEqual({ ...after, disabled: 'VALID' }));
  const parentOf = 'query ($id: ID!) { scope(id: $id) { parent { id } apiEnabled } }';
  expect(await ask(parentOf, { id: moved })).toMatchObject({ scope: { parent: { id: south } } });
  expect(await ask(parentOf, { id: south })).toMatchObject({ scope: { apiEnabled: false } });
  await eventually(async () => expect(await openHolds()).toBe('0'));
});
