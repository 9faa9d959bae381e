import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { subscribe } from '../support/peers/subscribe.js';
import { ROOT } from '../support/seed/tenancy.js';

/** Of a key to Keywright itself. */
const CALLS = 25;

let keywright: Keywright;
let bearer: string;

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);
const ping = (key: CreatedKey, path = 'production/ping'): Promise<Response> =>
  sandbox(keywright.url, path, key.secret);
const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(keywright.url, query, variables, { bearer });

interface Totals {
  total: number;
  accepted: number;
  refused: number;
  byCode: { code: string; count: number }[];
}
interface KeyUsage {
  usage: Totals;
  usageTrend: number[];
  lastUsedAt: string | null;
}

const usageOf = async (id: string): Promise<KeyUsage> =>
  (
    await ask<{ apiKey: KeyUsage }>(
      `query ($id: ID!) { apiKey(id: $id) { usage { total accepted refused byCode { code count } } usageTrend lastUsedAt } }`,
      { id },
    )
  ).apiKey;

const around = (): { from: string; to: string } => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 3_600_000).toISOString(),
});

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
});
afterAll(() => keywright.stop());

describe('usage', () => {
  test('is counted exactly, by outcome, within seconds', async () => {
    const key = await create({ permissions: [] });
    expect(await usageOf(key.id)).toMatchObject({ usage: { total: 0, byCode: [] }, lastUsedAt: null });
    await Promise.all(Array.from({ length: 40 }, () => ping(key)));
    await Promise.all(Array.from({ length: 15 }, () => ping(key, 'production/customers')));
    await Promise.all(Array.from({ length: 5 }, () => ping(key, 'staging/ping')));
    const counted = await eventually(async () => {
      const seen = await usageOf(key.id);
      expect(seen.usage.total).toBe(60);
      expect(seen.usageTrend.reduce((sum, count) => sum + count, 0)).toBe(60);
      return seen;
    }, 10_000);
    expect(counted.usage).toEqual({
      total: 60,
      accepted: 40,
      refused: 20,
      byCode: [
        { code: 'VALID', count: 40 },
        { code: 'PERMISSION_DENIED', count: 15 },
        { code: 'WRONG_ENVIRONMENT', count: 5 },
      ],
    });
    expect(counted.usageTrend).toHaveLength(24);
    expect(Date.now() - Date.parse(counted.lastUsedAt!)).toBeLessThan(10_000);
  });

  test('without a proven key counts for no key', async () => {
    const key = await create();
    await sandbox(keywright.url, 'production/ping', key.secret.slice(0, -1));
    await sandbox(keywright.url, 'production/ping');
    const other = await create();
    await ping(other);
    await eventually(async () => expect((await usageOf(other.id)).usage.total).toBe(1));
    expect(await usageOf(key.id)).toMatchObject({ usage: { total: 0 }, lastUsedAt: null });
    const { usage } = await ask<{ usage: Totals[] }>(
      `query ($from: DateTime!, $to: DateTime!) { usage(from: $from, to: $to, bucket: HOUR) { byCode { code } } }`,
      around(),
    );
    const seen = usage.flatMap((point) => point.byCode.map(({ code }) => code));
    expect(seen).toContain('KEY_MISSING');
    expect(seen).toContain('KEY_MALFORMED');
  });

  test('is charted over time with zeros in between, and ranks keys', async () => {
    const [quiet, busy] = [await create(), await create()];
    await ping(quiet);
    await Promise.all(Array.from({ length: 200 }, () => ping(busy)));
    await eventually(async () => expect((await usageOf(busy.id)).usage.total).toBe(200));
    const { apiKey } = await ask<{ apiKey: { usageSeries: { start: string; total: number }[] } }>(
      `query ($id: ID!, $from: DateTime!, $to: DateTime!) {
         apiKey(id: $id) { usageSeries(from: $from, to: $to, bucket: MINUTE) { start total } } }`,
      { id: busy.id, ...around() },
    );
    expect(apiKey.usageSeries.length).toBeGreaterThanOrEqual(120);
    expect(apiKey.usageSeries.reduce((sum, point) => sum + point.total, 0)).toBe(200);
    const { topKeys } = await ask<{ topKeys: { apiKey: { id: string }; usage: Totals }[] }>(
      `query ($from: DateTime!, $to: DateTime!) { topKeys(from: $from, to: $to, first: 1) { apiKey { id } usage { total } } }`,
      around(),
    );
    expect(topKeys).toEqual([{ apiKey: { id: busy.id }, usage: { total: 200 } }]);
    const filtered = await ask<{ usage: Totals[] }>(
      `query ($from: DateTime!, $to: DateTime!, $ids: [ID!]) {
         usage(from: $from, to: $to, bucket: DAY, apiKeyIds: $ids, environment: PRODUCTION) { total } }`,
      { ...around(), ids: [quiet.id] },
    );
    expect(filtered.usage.reduce((sum, point) => sum + point.total, 0)).toBe(1);
  });

  test.each(['\0', '\ud800', '', 'nonsense', 'key_', "' or true --"])('of the id %j is empty', async (id) => {
    const { usage } = await ask<{ usage: Totals[] }>(
      `query ($from: DateTime!, $to: DateTime!, $ids: [ID!]) {
         usage(from: $from, to: $to, bucket: DAY, apiKeyIds: $ids) { total } }`,
      { ...around(), ids: [id] },
    );
    expect(usage.reduce((sum, point) => sum + point.total, 0)).toBe(0);
  });

  test.each([
    ['2027-01-02T00:00:00Z', '2027-01-01T00:00:00Z', 'DAY'],
    ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'DAY'],
    ['0001-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'DAY'],
    ['2027-01-01T00:00:00Z', '9999-01-01T00:00:00Z', 'DAY'],
    ['2027-01-01T00:00:00Z', '2027-01-02T00:00:00Z', 'MINUTE'],
    ['+275760-01-01T00:00:00Z', '2027-01-02T00:00:00Z', 'DAY'],
    ['NaN', '2027-01-02T00:00:00Z', 'DAY'],
  ])('is rejected from %s to %s by %s', async (from, to, bucket) => {
    const response = await graphql(
      keywright.url,
      `
        query ($from: DateTime!, $to: DateTime!, $bucket: TimeBucket!) {
          usage(from: $from, to: $to, bucket: $bucket) {
            total
          }
        }
      `,
      { from, to, bucket },
      { bearer },
    );
    expect(codes(response)).toEqual(['BAD_USER_INPUT']);
  });

  test('of the previous secret is shown separately during an overlap', async () => {
    const key = await create();
    await ask(
      `mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 3600) { secret { secret } } }`,
      { id: key.id },
    );
    expect((await ping(key)).status).toBe(200);
    await eventually(async () => {
      const { apiKey } = await ask<{ apiKey: { previousSecretLastUsedAt: string | null } }>(
        `query ($id: ID!) { apiKey(id: $id) { previousSecretLastUsedAt } }`,
        { id: key.id },
      );
      expect(apiKey.previousSecretLastUsedAt).not.toBeNull();
    });
  });

  test.each<[string, (caller: CreatedKey, key: CreatedKey) => Promise<unknown>, number]>([
    [
      '/graphql',
      ({ secret }) => graphql(keywright.url, '{ viewer { permissions } }', {}, { apiKey: secret }),
      0,
    ],
    ['/v1/verify', ({ secret }, key) => verify(keywright.url, secret, { key: key.secret }), 1],
    ['/v1/verify with a bad question', ({ secret }) => verify(keywright.url, secret, { unknown: 1 }), 0],
    [
      '/v1/verify/batch',
      ({ secret }, key) =>
        fetch(`${keywright.url}/v1/verify/batch`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': secret },
          body: JSON.stringify({ requests: [{ key: key.secret }, { key: key.secret }] }),
        }),
      2,
    ],
  ])('of a key that calls %s counts each call, in addition to what it asks about', async (_, call, asked) => {
    const permissions = ['keywright.verify', 'keywright.keys.read'];
    const [caller, key] = [await create({ permissions }), await create()];
    const live = await subscribe<{ usage: { total: number } }>(
      keywright.url,
      'subscription ($ids: [ID!]) { usage(apiKeyIds: $ids) { total } }',
      { ids: [caller.id] },
      { bearer },
    );
    await call(caller, key);
    await Promise.all(Array.from({ length: CALLS - 1 }, () => call(caller, key)));
    await eventually(async () => {
      expect((await usageOf(caller.id)).usage).toEqual({
        total: CALLS,
        accepted: CALLS,
        refused: 0,
        byCode: [{ code: 'VALID', count: CALLS }],
      });
      expect((await usageOf(key.id)).usage.total).toBe(CALLS * asked);
    });
    expect((await usageOf(caller.id)).lastUsedAt).not.toBeNull();
    let seen = 0;
    while (seen < CALLS) seen += (await live.next()).usage.total;
    expect(seen).toBe(CALLS);
    await live.close();
  });

  test('of a key with its own limits is counted once for each call, too', async () => {
    const quotas = [{ period: 'DAY', limit: 5 }];
    const caller = await create({ permissions: ['keywright.verify'], quotas });
    const key = await create();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => verify(keywright.url, caller.secret, { key: key.secret })),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    await eventually(async () => {
      expect((await usageOf(caller.id)).usage).toMatchObject({ accepted: 5, refused: 3 });
      expect((await usageOf(key.id)).usage.total).toBe(5);
    });
  });

  test('by a former secret at /v1/verify is shown separately', async () => {
    const caller = await create({ permissions: ['keywright.verify'] });
    await ask(
      `mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 3600) { secret { secret } } }`,
      { id: caller.id },
    );
    await verify(keywright.url, caller.secret, {});
    await eventually(async () => {
      const { apiKey } = await ask<{ apiKey: { previousSecretLastUsedAt: string | null } }>(
        `query ($id: ID!) { apiKey(id: $id) { previousSecretLastUsedAt } }`,
        { id: caller.id },
      );
      expect(apiKey.previousSecretLastUsedAt).not.toBeNull();
    });
  });

  test("of a customer's gateway that is shown no key is not counted for the installation", async () => {
    const { createScope } = await ask<{ createScope: { id: string } }>(
      'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id } }',
      { input: { kind: 'CUSTOMER', parentId: ROOT, name: 'Noisy', email: 'noisy@example.test' } },
    );
    const scopeId = createScope.id;
    const grants = [{ scopeId, permissions: ['keywright.verify'] }];
    const own = await create({ scopeId, grants, permissions: undefined });
    const unproven = async (): Promise<number> => {
      const [row] = await keywright.database.query<{ count: number }>(
        `select coalesce(sum(count), 0)::int as count from usage_total where api_key_id = ''`,
      );
      return row!.count;
    };
    const before = await unproven();
    const questions = [
      { key: `kw_live_${'x'.repeat(50)}` },
      { key: 'nonsense' },
      { request: { headers: {} } },
    ];
    for (const body of questions) await verify(keywright.url, own.secret, body);
    await eventually(async () => expect((await usageOf(own.id)).usage.total).toBe(questions.length));
    expect(await unproven()).toBe(before);
    const gateway = await create({ permissions: ['keywright.verify'] });
    await verify(keywright.url, gateway.secret, { key: 'nonsense' });
    await eventually(async () => expect(await unproven()).toBe(before + 1));
  });

  test('is streamed live, as differences', async () => {
    const key = await create();
    const live = await subscribe<{ usage: { apiKeyId: string; total: number; lastUsedAt: string } }>(
      keywright.url,
      'subscription ($ids: [ID!]) { usage(apiKeyIds: $ids) { at apiKeyId total lastUsedAt byCode { code count } } }',
      { ids: [key.id] },
      { bearer },
    );
    await Promise.all(Array.from({ length: 7 }, () => ping(key)));
    let seen = 0;
    while (seen < 7) {
      const { usage } = await live.next();
      expect(usage.apiKeyId).toBe(key.id);
      expect(usage.lastUsedAt).not.toBeNull();
      seen += usage.total;
    }
    expect(seen).toBe(7);
    await ping(key);
    expect((await live.next()).usage.total).toBe(1);
    await live.close();
  });
});

test('live usage of one environment excludes the others', async () => {
  const key = await create();
  const live = await subscribe<{ usage: { environment: string; byCode: { code: string; count: number }[] } }>(
    keywright.url,
    'subscription ($ids: [ID!]) { usage(apiKeyIds: $ids, environment: STAGING) { environment byCode { code count } } }',
    { ids: [key.id] },
    { bearer },
  );
  await ping(key);
  await Promise.all([ping(key), ping(key, 'staging/ping'), ping(key)]);
  expect((await live.next()).usage).toEqual({
    environment: 'STAGING',
    byCode: [{ code: 'WRONG_ENVIRONMENT', count: 1 }],
  });
  await live.close();
});

describe('a caller without the permission', () => {
  test('reads neither usage nor logs, by whatever path', async () => {
    const key = await create({ permissions: ['keywright.keys.read'] });
    const { from, to } = around();
    for (const query of [
      `{ usage(from: "${from}", to: "${to}", bucket: DAY) { total } }`,
      `{ topKeys(from: "${from}", to: "${to}") { usage { total } } }`,
      '{ requestLogs { nodes { id } } }',
      '{ apiKeys { nodes { usage { total } } } }',
      '{ apiKeys { nodes { usageTrend } } }',
      '{ apiKeys { nodes { requestLogs { nodes { id } } } } }',
    ]) {
      const response = await graphql(keywright.url, query, {}, { apiKey: key.secret });
      expect(new Set(codes(response)), query).toEqual(new Set(['FORBIDDEN']));
      expect(codes(await graphql(keywright.url, query)), query).toEqual(['UNAUTHENTICATED']);
    }
    for (const query of ['subscription { usage { total } }', 'subscription { requestLogs { id } }']) {
      const live = await subscribe(keywright.url, query, {}, { apiKey: key.secret });
      await expect(live.next()).rejects.toThrow(/FORBIDDEN|keywright\./);
    }
  });
});
