import { beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, verify, type CreatedKey } from '../support/peers/client.js';
import { codes, graphql, request, type Credential, type GraphqlResponse } from '../support/peers/graphql.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;
let gateway: CreatedKey;

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);
const ping = (key: CreatedKey): Promise<Response> => sandbox(keywright.url, 'production/ping', key.secret);
const ask = async (key: CreatedKey, cost = 1) =>
  (await verify(keywright.url, gateway.secret, { key: key.secret, cost })).body;

const UPDATE =
  'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { quotas { period limit } } } }';
const update = (
  input: Record<string, unknown>,
  credential: Credential = { bearer },
): Promise<GraphqlResponse<{ updateApiKey: { apiKey: { quotas: unknown } } }>> =>
  graphql(keywright.url, UPDATE, { input }, credential);

interface ReadKey {
  quotas: unknown;
  auditEvents: { nodes: { action: string; changes: Record<string, unknown> }[] };
}
const read = async (id: string): Promise<ReadKey> =>
  (
    await request<{ apiKey: ReadKey }>(
      keywright.url,
      'query ($id: ID!) { apiKey(id: $id) { quotas { period limit } auditEvents { nodes { action changes } } } }',
      { id },
      { bearer },
    )
  ).apiKey;

const day = (limit: number) => ({ period: 'DAY', limit });
const month = (limit: number) => ({ period: 'MONTH', limit });

/** Seconds until a UTC day or month ends, and its length. */
function calendar(now = new Date()): Record<'day' | 'month', { left: number; length: number }> {
  const [y, m, d] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const span = (start: number, end: number) => ({
    left: (end - now.getTime()) / 1000,
    length: (end - start) / 1000,
  });
  return {
    day: span(Date.UTC(y, m, d), Date.UTC(y, m, d + 1)),
    month: span(Date.UTC(y, m, 1), Date.UTC(y, m + 1, 1)),
  };
}

beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
  gateway = await create({ permissions: ['keywright.verify'] });
});

describe('a key with quotas', () => {
  test('is rejected with QUOTA_EXCEEDED once one is used up, with the start of the next period', async () => {
    const key = await create({ quotas: [month(5), day(3)] });
    for (let i = 0; i < 3; i++) expect((await ping(key)).status).toBe(200);
    const refused = await ping(key);
    const { day: today, month: thisMonth } = calendar();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('ratelimit-policy')).toBe(
      `"day";q=3;w=${today.length}, "month";q=5;w=${thisMonth.length}`,
    );
    const state = /^"day";r=0;t=(\d+), "month";r=2;t=(\d+)$/.exec(refused.headers.get('ratelimit')!)!;
    expect(Math.abs(Number(state[1]) - today.left)).toBeLessThan(5);
    expect(Math.abs(Number(state[2]) - thisMonth.left)).toBeLessThan(5);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(Math.abs(retryAfter - today.left)).toBeLessThan(5);
    expect(await refused.json()).toMatchObject({ code: 'QUOTA_EXCEEDED', status: 429, retryAfter });
  });

  test('is rejected for the month although the day has units left', async () => {
    const key = await create({ quotas: [day(10), month(2)] });
    expect(await ask(key, 2)).toMatchObject({ code: 'VALID' });
    const refused = await ask(key);
    expect(refused).toMatchObject({ valid: false, code: 'QUOTA_EXCEEDED', status: 429 });
    expect(Math.abs((refused['retryAfter'] as number) - calendar().month.left)).toBeLessThan(5);
    expect(refused['limits']).toMatchObject([
      { name: 'day', limit: 10, remaining: 8, windowSeconds: 86_400 },
      { name: 'month', limit: 2, remaining: 0 },
    ]);
  });

  test('is charged to all its windows and quotas, or to none of them', async () => {
    const key = await create({
      rateLimits: [
        { name: 'minute', limit: 4, windowSeconds: 60 },
        { name: 'hour', limit: 6, windowSeconds: 3600 },
      ],
      quotas: [day(5), month(9)],
    });
    const left = (body: Awaited<ReturnType<typeof ask>>) =>
      (body['limits'] as { remaining: number }[]).map(({ remaining }) => remaining);
    expect(left(await ask(key, 3))).toEqual([1, 3, 2, 6]);
    const byWindow = await ask(key, 2);
    expect(byWindow.code).toBe('RATE_LIMITED');
    expect(left(byWindow)).toEqual([1, 3, 2, 6]);
    await update({ id: key.id, rateLimits: [{ name: 'hour', limit: 60, windowSeconds: 3600 }] });
    const byQuota = await ask(key, 3);
    expect(byQuota.code).toBe('QUOTA_EXCEEDED');
    expect(left(byQuota)).toEqual([57, 2, 6]);
    expect(left(await ask(key, 2))).toEqual([55, 0, 4]);
  });

  test('costs what the caller says, and a cost above the quota never fits', async () => {
    const key = await create({ quotas: [day(100)] });
    expect(await ask(key, 60)).toMatchObject({ code: 'VALID' });
    expect(await ask(key, 41)).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(await ask(key, 101)).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfter: null });
    expect(await ask(key, 40)).toMatchObject({ code: 'VALID' });
  });

  test('keeps its usage when its quota changes', async () => {
    const key = await create({ quotas: [day(2)] });
    await ask(key, 2);
    expect((await ask(key)).code).toBe('QUOTA_EXCEEDED');
    await update({ id: key.id, quotas: [day(3)] });
    expect((await ask(key)).code).toBe('VALID');
    expect((await ask(key)).code).toBe('QUOTA_EXCEEDED');
    await update({ id: key.id, quotas: null });
    expect((await ask(key)).code).toBe('VALID');
  });
});

describe('quotas of a key', () => {
  test('stay when absent, are cleared by null, kept by regenerating, and copied by duplicating', async () => {
    const key = await create({ quotas: [month(50), day(5)] });
    const quotas = [day(5), month(50)];
    expect((await read(key.id)).quotas).toEqual(quotas);
    await update({ id: key.id, description: 'changed' });
    await request(
      keywright.url,
      `mutation { regenerateApiKey(id: "${key.id}") { apiKey { id } } }`,
      {},
      {
        bearer,
      },
    );
    expect((await read(key.id)).quotas).toEqual(quotas);
    const { duplicateApiKey } = await request<{ duplicateApiKey: { apiKey: { quotas: unknown } } }>(
      keywright.url,
      `mutation { duplicateApiKey(id: "${key.id}", name: "Copy with quotas") { apiKey { quotas { period limit } } } }`,
      {},
      { bearer },
    );
    expect(duplicateApiKey.apiKey.quotas).toEqual(quotas);
    const cleared = await update({ id: key.id, quotas: null });
    expect(cleared.data!.updateApiKey.apiKey.quotas).toEqual([]);
  });

  test('appear in the audit log before and after, and only when they really change', async () => {
    const key = await create({ quotas: [day(5), month(9)] });
    const events = (await read(key.id)).auditEvents.nodes.length;
    await update({ id: key.id, quotas: [month(9), day(5)] });
    expect((await read(key.id)).auditEvents.nodes).toHaveLength(events);
    await update({ id: key.id, quotas: [day(6)] });
    const { changes } = (await read(key.id)).auditEvents.nodes[0]!;
    expect(changes).toEqual({ quotas: { before: [day(5), month(9)], after: [day(6)] } });
  });

  test.each([
    ['no units', [day(0)], 'quotas.0.limit'],
    ['a negative number', [month(9), day(-1)], 'quotas.1.limit'],
    ['more than an Int', [day(2 ** 31)], 'quotas.0.limit'],
    ['the same period twice', [day(1), day(2)], 'quotas.1.period'],
    ['an unknown period', [{ period: 'WEEK', limit: 1 }], 'quotas.0.period'],
  ])('are rejected with %s', async (_what, quotas, path) => {
    const key = await create();
    const answer = await update({ id: key.id, quotas });
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors[0]!.extensions['fields']).toMatchObject([{ path }]);
  });

  test('can be changed only by callers who hold all permissions of the key', async () => {
    const clerk = await create({ permissions: ['keywright.keys.read', 'keywright.keys.write'] });
    const strong = await create({ permissions: ['view_customer'], quotas: [day(5)] });
    const credential = { apiKey: clerk.secret };
    for (const quotas of [[day(500)], null]) {
      expect(codes(await update({ id: strong.id, quotas }, credential))).toEqual(['GRANT_NOT_HELD']);
    }
    expect((await read(strong.id)).quotas).toEqual([day(5)]);
    const own = await create({ permissions: ['keywright.keys.read'], quotas: [day(5)] });
    expect((await update({ id: own.id, quotas: [day(500)] }, credential)).errors).toEqual([]);
  });
});
