import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { eventually } from '../support/eventually.js';
import { metricOf } from '../support/servers/figures.js';
import { request } from '../support/peers/graphql.js';
import { createRule } from '../support/seed/route-rules.js';

const STALENESS_MS = 8000;
/** A change reaches every healthy process within a second; the machine may be busy. */
const REACHES_WITHIN_MS = 5000;

let cluster: Cluster;
let proxy: CuttableProxy;
let node: VerifyNode;
let caller: CreatedKey;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 0 });
  proxy = await cuttableProxy(cluster.manager.database.url);
  node = await cluster.addNode({
    DATABASE_URL: proxy.url,
    KEYWRIGHT_MAX_STALENESS_SECONDS: String(STALENESS_MS / 1000),
    KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32',
  });
  caller = await createKey(cluster.manager.url, cluster.owner, { permissions: ['view_customer'] });
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.close();
});

/** The answer to a gateway from the verifying process. */
async function asked(path: string): Promise<number> {
  const response = await fetch(`${node.url}/v1/authorize/production`, {
    headers: {
      'x-original-method': 'GET',
      'x-original-uri': path,
      'x-forwarded-for': '203.0.113.9',
      'x-api-key': caller.secret,
    },
  });
  return response.status;
}
const becomes = (path: string, status: number): Promise<void> =>
  eventually(async () => expect(await asked(path)).toBe(status), REACHES_WITHIN_MS);
const rule = (pathPattern: string, overrides: Record<string, unknown> = {}): ReturnType<typeof createRule> =>
  createRule(cluster.manager.url, cluster.owner, { pathPattern, ...overrides });
const remove = (id: string): Promise<unknown> =>
  request(cluster.manager.url, 'mutation ($id: ID!) { deleteRouteRule(id: $id) }', { id }, cluster.owner);

test('rules saved by one process are applied by another, and remain in effect while it cannot reach the database', async () => {
  await becomes('/crm/1', 403);
  const open = await rule('/crm/{id}');
  await becomes('/crm/1', 204);
  await rule('/orders/{id}', { permission: 'create_customer' });
  const own = await rule('/own/{id}');
  await becomes('/own/1', 204);
  expect(await asked('/orders/1')).toBe(403);
  await remove(own.id);

  await proxy.cut();
  await rule('/tickets/{id}');
  await remove(open.id);
  expect(await asked('/crm/1'), 'what is known goes on').toBe(204);
  expect(await asked('/orders/1')).toBe(403);
  expect(await asked('/tickets/1')).toBe(403);
  await eventually(
    async () => expect((await metricOf(node.url, 'index_age_seconds')) * 1000).toBeGreaterThan(STALENESS_MS),
    2 * STALENESS_MS,
  );
  for (const path of ['/crm/1', '/orders/1', '/tickets/1']) {
    expect(await asked(path), 'nothing is decided by rules that are too old').toBe(503);
  }

  await proxy.mend();
  await becomes('/tickets/1', 204);
  expect(await asked('/crm/1')).toBe(403);
  expect(await asked('/orders/1')).toBe(403);
});
