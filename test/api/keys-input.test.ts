import { beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../support/peers/client.js';
import { codes, graphql, type GraphqlResponse } from '../support/peers/graphql.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;

beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
});

let count = 0;
const create = (
  input: Record<string, unknown>,
): Promise<GraphqlResponse<{ createApiKey: { apiKey: Key } }>> =>
  graphql(
    keywright.url,
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id name description metadata } } }',
    { input: { name: `Input ${++count}`, ...input } },
    { bearer },
  );

interface Key {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly metadata: unknown;
}

const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

const SIGNING_SECRET = `kws_${'a1B2c'.repeat(10).slice(0, 43)}`;

describe('is rejected with BAD_USER_INPUT, never INTERNAL:', () => {
  test.each<[string, Record<string, unknown>]>([
    ['an empty name', { name: '   ' }],
    ['a name of 10,000 characters', { name: 'x'.repeat(10_000) }],
    ['NUL in a name', { name: 'a\0b' }],
    ['a lone surrogate', { name: 'a\ud800' }],
    ['a right-to-left override', { name: 'abc\u202edef' }],
    ['a description of 1,001 characters', { description: 'x'.repeat(1001) }],
    ['NUL in a description', { description: 'a\0b' }],
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['a day in the past', { expiresOn: '2020-01-01' }],
    ['the year 275760', { expiresAt: '+275760-09-13T00:00:00.000Z' }],
    ['not a date', { expiresAt: 'NaN' }],
    ['two expiries', { expiresAt: '2099-01-01T00:00:00Z', expiresOn: '2099-01-01' }],
    ['an unknown permission', { permissions: ['no_such_permission'] }],
    ['a wildcard that matches nothing', { permissions: ['no.such.*'] }],
    ['an invisible name', { name: '\u2060' }],
    ['a name with a stray joiner', { name: 'Bil\u200dling' }],
    ['a signing secret as a name', { name: SIGNING_SECRET }],
    ['a malformed permission', { permissions: ["'; drop table api_key; --"] }],
    ['permissions and grants', { permissions: ['*'], grants: [] }],
    ['an unknown role', { grants: [{ roleId: 'rol_nope' }] }],
    ['an unknown scope', { grants: [{ scopeId: 'scp_nope', permissions: ['*'] }] }],
    ['a window with a limit of 0', { rateLimits: [{ name: 'm', limit: 0, windowSeconds: 60 }] }],
    ['a zero-length window', { rateLimits: [{ name: 'm', limit: 1, windowSeconds: -1 }] }],
    ['a number beyond 2^31', { rateLimits: [{ name: 'm', limit: 2 ** 40, windowSeconds: 60 }] }],
    ['an invalid range', { allowedCidrs: ['10.0.0.0/99'] }],
    ['metadata that is not an object', { metadata: [1] }],
    ['metadata of 1 MB', { metadata: { a: 'x'.repeat(100_000) } }],
    ['metadata 1,000 levels deep', { metadata: deep(1000) }],
    ['a metadata number beyond 2^53', { metadata: { n: 2 ** 60 } }],
    ['NUL in metadata', { metadata: { a: '\0' } }],
    ['an unknown member', { admin: true }],
    ['an object where text belongs', { name: { a: 1 } }],
    ['an array where text belongs', { name: ['a', 'b'] }],
    ['a signed key', { kind: 'SIGNED' }],
  ])('%s', async (_what, input) => {
    const answer = await create(input);
    expect(answer.data?.createApiKey ?? null).toBeNull();
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors[0]!.message).not.toMatch(/\bat \/|node_modules|select |insert /i);
  });

  test('a body nested 10,000 levels deep', async () => {
    const body = `{"query":"{ viewer { permissions } }","variables":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
    const response = await fetch(`${keywright.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body,
    });
    expect(response.status).toBeLessThan(500);
  });
});

describe('is stored unchanged:', () => {
  test.each<[string, Record<string, unknown>]>([
    ['HTML in a name', { name: '<script>alert(1)</script>' }],
    ['quotes and backslashes', { name: `O'Reilly \\ "x" --` }],
    ['emoji and combining marks', { name: 'Zoë 🚀 é' }],
    ['LIKE wildcards', { name: '100% _sure_' }],
  ])('%s', async (_what, input) => {
    const answer = await create(input);
    expect(answer.errors).toEqual([]);
    expect(answer.data!.createApiKey.apiKey).toMatchObject(input);
  });

  test('__proto__ in metadata', async () => {
    const response = await fetch(`${keywright.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: `{"query":"mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { metadata } } }",
        "variables":{"input":{"name":"Proto","metadata":{"__proto__":{"admin":true},"a":1}}}}`,
    });
    const text = await response.text();
    expect(text).toContain('"metadata":{"');
    expect(text).toContain('"__proto__":{"admin":true}');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('authorization', () => {
  test('nobody can grant, regenerate or duplicate permissions that they do not hold', async () => {
    const writer = await createKey(
      keywright.url,
      { bearer },
      { permissions: ['keywright.keys.write', 'ticket.read'] },
    );
    const admin = await createKey(keywright.url, { bearer }, { permissions: ['*'] });
    const as = { apiKey: writer.secret };
    const create = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
    const attempt = (input: Record<string, unknown>): Promise<GraphqlResponse<unknown>> =>
      graphql(keywright.url, create, { input: { name: `By key ${++count}`, ...input } }, as);
    expect(codes(await attempt({ permissions: ['*'] }))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await attempt({ permissions: ['ticket.*'] }))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await attempt({ permissions: ['ticket.read'] }))).toEqual([]);
    const on = (field: string): Promise<GraphqlResponse<unknown>> =>
      graphql(keywright.url, `mutation ($id: ID!) { ${field} { apiKey { id } } }`, { id: admin.id }, as);
    expect(codes(await on('regenerateApiKey(id: $id)'))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await on('duplicateApiKey(id: $id, name: "copy")'))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await on('revokeApiKey(id: $id)'))).toEqual(['FORBIDDEN']);
  });

  test('a secret is returned only to callers who hold all permissions of the key at that moment', async () => {
    const writer = await createKey(keywright.url, { bearer }, { permissions: ['keywright.keys.write'] });
    const target = await createKey(keywright.url, { bearer }, { permissions: [] });
    const regenerating = graphql(
      keywright.url,
      'mutation ($id: ID!) { regenerateApiKey(id: $id) { secret { secret } } }',
      { id: target.id },
      { apiKey: writer.secret },
    );
    await new Promise((resolve) => setTimeout(resolve, 150));
    await graphql(
      keywright.url,
      'mutation ($id: ID!) { updateApiKey(input: { id: $id, permissions: ["*"] }) { apiKey { id } } }',
      { id: target.id },
      { bearer },
    );
    expect(codes(await regenerating)).toEqual(['GRANT_NOT_HELD']);
  });

  test('nobody can widen a key beyond what they hold; they can narrow it', async () => {
    const writer = await createKey(keywright.url, { bearer }, { permissions: ['keywright.keys.write'] });
    const admin = await createKey(
      keywright.url,
      { bearer },
      { permissions: ['*'], expiresOn: '2098-01-01', allowedCidrs: ['10.0.0.0/8'] },
    );
    const update = async (change: string): Promise<string[]> =>
      codes(
        await graphql(
          keywright.url,
          `mutation ($id: ID!) { updateApiKey(input: { id: $id, ${change} }) { apiKey { id } } }`,
          { id: admin.id },
          { apiKey: writer.secret },
        ),
      );
    expect(await update('expiresAt: null')).toEqual(['GRANT_NOT_HELD']);
    expect(await update('expiresOn: "2099-01-01"')).toEqual(['GRANT_NOT_HELD']);
    expect(await update('allowedCidrs: []')).toEqual(['GRANT_NOT_HELD']);
    expect(await update('expiresOn: "2097-01-01", enabled: false')).toEqual([]);
    expect(await update('enabled: true')).toEqual(['GRANT_NOT_HELD']);
  });

  test('every operation on keys requires a permission', async () => {
    const nobody = await createKey(keywright.url, { bearer }, { permissions: ['view_customer'] });
    const operations = [
      '{ apiKeys { totalCount } }',
      '{ apiKeyCounts { total } }',
      `{ apiKey(id: "${nobody.id}") { id } }`,
      `{ node(id: "${nobody.id}") { id } }`,
      '{ requestLogs { nodes { id } } }',
      '{ auditEvents { nodes { id } } }',
      '{ verifyAuditLog { intact } }',
      '{ usage(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", bucket: DAY) { total } }',
      '{ topKeys(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { usage { total } } }',
      'mutation { createApiKey(input: { name: "x" }) { apiKey { id } } }',
      `mutation { disableApiKey(id: "${nobody.id}") { apiKey { id } } }`,
      `mutation { revokeApiKey(id: "${nobody.id}") { apiKey { id } } }`,
      `mutation { bulkDisableApiKeys(ids: ["${nobody.id}"]) { succeeded } }`,
      `mutation { bulkRevokeApiKeys(ids: ["${nobody.id}"]) { succeeded } }`,
      `mutation { bulkExtendApiKeys(ids: ["${nobody.id}"], expiresAt: null) { succeeded } }`,
      `mutation { regenerateApiKey(id: "${nobody.id}") { apiKey { id } } }`,
      `mutation { duplicateApiKey(id: "${nobody.id}", name: "y") { apiKey { id } } }`,
      'mutation { verifyApiKey(input: {}) }',
    ];
    for (const operation of operations) {
      expect(codes(await graphql(keywright.url, operation)), operation).toEqual(['UNAUTHENTICATED']);
      const refused = await graphql(keywright.url, operation, {}, { apiKey: nobody.secret });
      expect(codes(refused), operation).toEqual(['FORBIDDEN']);
    }
  });

  test('a missing object gets the same answer for every id', async () => {
    const answers = await Promise.all(
      ['key_00000000000000000000000000', 'nonsense', "' or 1=1 --", ''].map((id) =>
        graphql(
          keywright.url,
          'mutation ($id: ID!) { disableApiKey(id: $id) { apiKey { id } } }',
          { id },
          { bearer },
        ),
      ),
    );
    for (const answer of answers) {
      expect(codes(answer)).toEqual(['NOT_FOUND']);
      expect(answer.errors[0]!.message).toBe(answers[0]!.errors[0]!.message);
    }
  });
});

describe('invalid ids and names', () => {
  test.each([
    ['{ node(id: "key_\\u0000") { id } }', []],
    ['{ node(id: "aud_\\u0000") { id } }', []],
    ['{ apiKey(id: "\\u0000") { id } }', []],
    ['{ auditEvents(filter: { targetId: "\\u0000" }) { nodes { id } } }', []],
    ['{ apiKeys(filter: { permission: "\\u0000" }) { totalCount } }', ['BAD_USER_INPUT']],
    [`{ apiKeys(filter: { permission: "${'a.'.repeat(10_000)}" }) { totalCount } }`, ['BAD_USER_INPUT']],
  ])('%s', async (query, expected) => {
    expect(codes(await graphql(keywright.url, query, {}, { bearer }))).toEqual(expected);
  });
});

describe('bulk operations', () => {
  test('reject an empty list, and report failures along with successes', async () => {
    const bulk = (ids: string[]): Promise<GraphqlResponse<{ bulkRevokeApiKeys: unknown }>> =>
      graphql(
        keywright.url,
        'mutation ($ids: [ID!]!) { bulkRevokeApiKeys(ids: $ids, reason: "clean-up") { succeeded failed { id code } } }',
        { ids },
        { bearer },
      );
    expect(codes(await bulk([]))).toEqual(['BAD_USER_INPUT']);
    expect(codes(await bulk(Array.from({ length: 101 }, (_, i) => `key_${i}`)))).toEqual(['BAD_USER_INPUT']);
    const free = await createKey(keywright.url, { bearer });
    const locked = await createKey(keywright.url, { bearer }, { locked: true });
    const answer = await bulk([free.id, locked.id, free.id, 'key_nope']);
    expect(answer.data!.bulkRevokeApiKeys).toEqual({
      succeeded: [free.id],
      failed: [
        { id: locked.id, code: 'KEY_LOCKED' },
        { id: 'key_nope', code: 'NOT_FOUND' },
      ],
    });
  });
});

test('a secret in a reason is rejected, and nothing changes', async () => {
  const key = await createKey(keywright.url, { bearer });
  const revoke = (reason: string): Promise<GraphqlResponse<unknown>> =>
    graphql(
      keywright.url,
      'mutation ($id: ID!, $reason: String) { revokeApiKey(id: $id, reason: $reason) { apiKey { id } } }',
      { id: key.id, reason },
      { bearer },
    );
  expect(codes(await revoke(`leaked: ${key.secret}`))).toEqual(['BAD_USER_INPUT']);
  expect(codes(await revoke('leaked'))).toEqual([]);
});
