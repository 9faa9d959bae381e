import { beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { subscribe } from '../support/peers/subscribe.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);
const ping = (key: CreatedKey, path = 'production/ping'): Promise<Response> =>
  sandbox(keywright.url, path, key.secret);
const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(keywright.url, query, variables, { bearer });

const around = (): { from: string; to: string } => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 3_600_000).toISOString(),
});

beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
});

describe('request logs', () => {
  const LOGS = `query ($filter: RequestLogFilter, $first: Int, $after: String) {
    requestLogs(filter: $filter, first: $first, after: $after) {
      nodes { id at code status method path ip userAgent maskedSecret latencyMicroseconds environment permission apiKey { id name } }
      pageInfo { hasNextPage endCursor } } }`;
  interface Log {
    id: string;
    code: string;
    path: string;
    [member: string]: unknown;
  }
  interface Logs {
    requestLogs: { nodes: Log[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  }

  test('have a row for each verification, newest first, page by page', async () => {
    const key = await create();
    for (let i = 0; i < 5; i++) await ping(key);
    await ping(key, 'staging/ping');
    const filter = { apiKeyId: key.id };
    await eventually(async () =>
      expect((await ask<Logs>(LOGS, { filter })).requestLogs.nodes).toHaveLength(6),
    );
    const seen: Log[] = [];
    let after: string | null = null;
    do {
      const { requestLogs }: Logs = await ask<Logs>(LOGS, { filter, first: 4, after });
      seen.push(...requestLogs.nodes);
      after = requestLogs.pageInfo.hasNextPage ? requestLogs.pageInfo.endCursor : null;
    } while (after);
    expect(seen.map((log) => log.code)).toEqual(['WRONG_ENVIRONMENT', ...Array<string>(5).fill('VALID')]);
    expect(new Set(seen.map((log) => log.id)).size).toBe(6);
    const byId = '($id: ID!) { node(id: $id) { id ... on RequestLog { code } } }';
    expect(await ask(`query ${byId}`, { id: seen[0]!.id })).toEqual({
      node: { id: seen[0]!.id, code: 'WRONG_ENVIRONMENT' },
    });
    expect(await ask(`query ${byId}`, { id: `req_${'0'.repeat(26)}` })).toEqual({ node: null });
    expect(seen[1]).toMatchObject({
      status: 200,
      method: 'GET',
      path: '/sandbox/production/ping',
      ip: '127.0.0.1',
      environment: 'PRODUCTION',
      apiKey: { id: key.id, name: key.name },
    });
    expect(seen[1]!['latencyMicroseconds']).toBeGreaterThanOrEqual(0);
    expect(seen[1]!['maskedSecret']).toMatch(/^kw_live_….{4}$/);
  });

  test('can be filtered', async () => {
    const key = await create({ permissions: ['device.read'] });
    await ping(key, 'production/devices');
    await ping(key, 'production/tickets');
    const count = async (filter: Record<string, unknown>): Promise<number> =>
      (await ask<Logs>(LOGS, { filter: { apiKeyId: key.id, ...filter } })).requestLogs.nodes.length;
    await eventually(async () => expect(await count({})).toBe(2));
    expect(await count({ code: ['PERMISSION_DENIED'] })).toBe(1);
    expect(await count({ code: [] })).toBe(0);
    expect(await count({ status: [200, 403] })).toBe(2);
    expect(await count({ status: [403] })).toBe(1);
    expect(await count({ pathPrefix: '/sandbox/production/dev' })).toBe(1);
    expect(await count({ pathPrefix: '%' })).toBe(0);
    expect(await count({ method: 'POST' })).toBe(0);
    expect(await count({ environment: 'STAGING' })).toBe(0);
    expect(await count({ at: around() })).toBe(2);
    expect(await count({ at: { to: '2020-01-01T00:00:00Z' } })).toBe(0);
    const { apiKey } = await ask<{ apiKey: { requestLogs: { nodes: Log[] } } }>(
      `query ($id: ID!) { apiKey(id: $id) { requestLogs(first: 1) { nodes { code } } } }`,
      { id: key.id },
    );
    expect(apiKey.requestLogs.nodes).toEqual([{ code: 'PERMISSION_DENIED' }]);
  });

  test.each([
    { first: 0 },
    { first: -1 },
    { first: 1_000_000 },
    { after: 'nonsense' },
    { after: Buffer.from('["request-logs","x","y"]').toString('base64url') },
    { after: Buffer.from('["request-logs",1e300,"req_01h455vb4pex5vsknk084sn02q"]').toString('base64url') },
    { after: Buffer.from('["audit",1]').toString('base64url') },
  ])('reject the page %j', async (variables) => {
    expect(codes(await graphql(keywright.url, LOGS, variables, { bearer }))).toEqual(['BAD_USER_INPUT']);
  });

  test('are streamed live, at most fifty a second', async () => {
    const key = await create();
    const live = await subscribe<{ requestLogs: Log }>(
      keywright.url,
      'subscription ($filter: RequestLogFilter) { requestLogs(filter: $filter) { id code path } }',
      { filter: { apiKeyId: key.id } },
      { bearer },
    );
    await ping(key);
    expect((await live.next()).requestLogs).toMatchObject({
      code: 'VALID',
      path: '/sandbox/production/ping',
    });
    const start = performance.now();
    await Promise.all(Array.from({ length: 150 }, () => ping(key)));
    let seen = 1;
    let lastAt = start;
    // Quiet for so long after the fiftieth, it was the last of that second.
    while (await live.next(seen < 50 ? 10_000 : 1500).catch(() => null)) {
      seen++;
      lastAt = performance.now();
    }
    expect(seen).toBeGreaterThanOrEqual(50);
    const secondsTouched = Math.ceil((lastAt - start) / 1000) + 1;
    expect(seen).toBeLessThanOrEqual(50 * secondsTouched);
    await live.close();
  });
});

describe('filters of request logs that cannot be stored', () => {
  const query = 'query ($filter: RequestLogFilter) { requestLogs(filter: $filter) { nodes { id } } }';
  const filtered = (filter: Record<string, string>) => graphql(keywright.url, query, { filter }, { bearer });

  test.each(['\0', 'nonsense', ''])('an invalid id (%j) matches nothing', async (apiKeyId) => {
    expect((await filtered({ apiKeyId })).data).toEqual({ requestLogs: { nodes: [] } });
  });

  test.each(['method', 'pathPrefix', 'ip'])('a %s with NUL is rejected', async (member) => {
    expect(codes(await filtered({ [member]: '/a\0' }))).toEqual(['BAD_USER_INPUT']);
  });
});
