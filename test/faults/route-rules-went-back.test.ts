import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startDebianPostgres, type DebianPostgres } from '../support/servers/debian-postgres.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { createRule } from '../support/seed/route-rules.js';
import { temporaryDirectory } from '../support/servers/start-keywright.js';

let primary: DebianPostgres;
let proxy: CuttableProxy;
let cluster: Cluster;
let caller: CreatedKey;

const TRUSTED = { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' };
const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(cluster.manager.url, query, variables, cluster.owner);
const rule = (pathPattern: string, overrides: Record<string, unknown> = {}): ReturnType<typeof createRule> =>
  createRule(cluster.manager.url, cluster.owner, { pathPattern, ...overrides });
const update = (id: string, input: Record<string, unknown>): Promise<unknown> =>
  ask('mutation ($input: UpdateRouteRuleInput!) { updateRouteRule(input: $input) { id } }', {
    input: { id, ...input },
  });
const remove = (id: string): Promise<unknown> =>
  ask('mutation ($id: ID!) { deleteRouteRule(id: $id) }', { id });

beforeEach(async () => {
  primary = await startDebianPostgres();
  proxy = await cuttableProxy(primary.url);
  cluster = await startCluster({ nodes: 1, env: { DATABASE_URL: proxy.url, ...TRUSTED } });
  caller = await createKey(cluster.manager.url, cluster.owner, { permissions: ['view_customer'] });
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

const PATHS = ['/closed', '/narrowed', '/deleted', '/opened', '/kept', '/none'] as const;
type Answers = Record<(typeof PATHS)[number], number>;
async function answersOf(node: VerifyNode): Promise<Answers> {
  const answers = await Promise.all(
    PATHS.map(async (path) => {
      const { status } = await fetch(`${node.url}/v1/authorize/production`, {
        headers: {
          'x-original-method': 'GET',
          'x-original-uri': path,
          'x-forwarded-for': '203.0.113.9',
          'x-api-key': caller.secret,
        },
      });
      return [path, status] as const;
    }),
  );
  return Object.fromEntries(answers) as Answers;
}
const become = (expected: Answers): Promise<void> =>
  eventually(async () => {
    for (const node of cluster.nodes) expect(await answersOf(node)).toEqual(expected);
  }, 15_000);

interface Hold {
  readonly id: string;
  readonly target: string;
  readonly targetName: string;
  readonly reasons: readonly string[];
}
const holds = async (): Promise<Hold[]> =>
  (await ask<{ accessHolds: Hold[] }>('{ accessHolds { id target targetName reasons } }')).accessHolds;
const raised = (): Promise<Hold> =>
  eventually(async () => {
    const [hold, ...others] = await holds();
    expect(others).toEqual([]);
    expect(hold).toMatchObject({ target: 'ROUTE_RULES', targetName: 'Route rules', reasons: ['CHANGED'] });
    return hold!;
  }, 15_000);
const settle = (field: string, { id }: Hold): Promise<unknown> =>
  ask(`mutation ($id: ID!) { ${field}(id: $id) { hold { id } } }`, { id });

test('a restore admits no request that the route rules had come to reject, until somebody settles it', async () => {
  const dump = join(await temporaryDirectory(), 'dump');
  const closed = await rule('/closed');
  const narrowed = await rule('/narrowed', { access: 'ANYBODY', permission: null });
  const deleted = await rule('/deleted');
  const opened = await rule('/opened', { access: 'NOBODY', permission: null });
  await rule('/kept');
  await ask('mutation { setRouteRuleDefault(default: ANY_KEY) }');
  const before = {
    '/closed': 204,
    '/narrowed': 204,
    '/deleted': 204,
    '/opened': 403,
    '/kept': 204,
    '/none': 204,
  };
  await become(before);
  await primary.tool('pg_dump', '-Fc', '-f', dump);

  await update(closed.id, { access: 'NOBODY' });
  await update(narrowed.id, { access: 'PERMISSION', permission: 'create_customer' });
  await remove(deleted.id);
  await update(opened.id, { access: 'ANY_KEY' });
  await ask('mutation { setRouteRuleDefault(default: DENY) }');
  const lost = {
    '/closed': 403,
    '/narrowed': 403,
    '/deleted': 403,
    '/opened': 204,
    '/kept': 204,
    '/none': 403,
  };
  await become(lost);
  await restore(dump);

  // Access granted since the backup is unchanged; no other access is granted.
  const both = { ...lost, '/opened': 403 };
  const hold = await raised();
  await become(both);
  // The first process to notice reports it.
  const reported = [cluster.manager, ...cluster.nodes].map(
    ({ process }) => process.stdout() + process.stderr(),
  );
  expect(reported.join('')).toMatch(/"level":"error".*lost changes.*Route rules/);
  // A process that starts with an empty data directory is bound too.
  await cluster.addNode(TRUSTED);
  await become(both);
  const { testRoute } = await ask<{ testRoute: { access: string } }>(
    '{ testRoute(method: "GET", path: "/closed", environment: PRODUCTION) { access } }',
  );
  expect(testRoute).toEqual({ access: 'NOBODY' });

  await settle('applyAccessHold', hold);
  expect(await holds()).toEqual([]);
  await become(lost);
  await expect(settle('applyAccessHold', hold)).rejects.toThrow();

  await restore(dump);
  const again = await raised();
  await become(both);
  await settle('releaseAccessHold', again);
  await become(before);
  expect(await holds()).toEqual([]);
});
