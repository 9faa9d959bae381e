import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql, request, type GraphqlResponse } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;
const keys: Record<string, CreatedKey> = {};

const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  const make = async (name: string, input: Record<string, unknown> = {}): Promise<void> => {
    keys[name] = await createKey(keywright.url, { bearer }, { name, permissions: [], ...input });
  };
  await make('billing', { description: 'Invoices for 100% of customers', permissions: ['view_invoice'] });
  await make('crm', { environment: 'STAGING', permissions: ['customer.*'], expiresAt: inDays(10) });
  await make('portal', { environment: 'DEVELOPMENT', enabled: false });
  await make('admin', { permissions: ['*'], expiresAt: inDays(90) });
  await make('monitor', { permissions: null, grants: [{ roleId: 'rol_00000000000000000000000000' }] });
  await make('old', { expiresAt: new Date(Date.now() + 3000).toISOString() });
  await make('gone');
  await request(
    keywright.url,
    'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
    { id: keys['gone']!.id },
    { bearer },
  );
  await sandbox(keywright.url, 'production/ping', keys['billing']!.secret);
  await sandbox(keywright.url, 'production/ping', keys['billing']!.secret);
  await sandbox(keywright.url, 'production/ping', keys['admin']!.secret);
  await new Promise((resolve) => setTimeout(resolve, 3100));
});
afterAll(() => keywright.stop());

interface ListPage {
  readonly apiKeys: {
    readonly totalCount: number;
    readonly nodes: readonly { id: string; name: string; status: string }[];
    readonly pageInfo: {
      readonly startCursor: string | null;
      readonly endCursor: string | null;
      readonly hasNextPage: boolean;
      readonly hasPreviousPage: boolean;
    };
  };
}

const list = (variables: Record<string, unknown>): Promise<GraphqlResponse<ListPage>> =>
  graphql<ListPage>(
    keywright.url,
    `
      query (
        $filter: ApiKeyFilter
        $sort: ApiKeySort
        $first: Int
        $after: String
        $last: Int
        $before: String
      ) {
        apiKeys(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
          totalCount
          nodes {
            id
            name
            status
          }
          pageInfo {
            startCursor
            endCursor
            hasNextPage
            hasPreviousPage
          }
        }
      }
    `,
    variables,
    { bearer },
  );

const BY_NAME = { field: 'NAME', direction: 'ASC' };

/** Names that match a filter, sorted; the total must agree. */
async function names(filter: Record<string, unknown>): Promise<string[]> {
  const { data, errors } = await list({ filter, sort: BY_NAME });
  expect(errors).toEqual([]);
  expect(data!.apiKeys.totalCount).toBe(data!.apiKeys.nodes.length);
  return data!.apiKeys.nodes.map((key) => key.name);
}

describe('a filter', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['nothing: all but revoked', {}, ['admin', 'billing', 'crm', 'monitor', 'old', 'portal']],
    ['active', { status: ['ACTIVE'] }, ['admin', 'billing', 'monitor']],
    [
      'active and expiring soon',
      { status: ['ACTIVE', 'EXPIRING_SOON'] },
      ['admin', 'billing', 'crm', 'monitor'],
    ],
    ['expiring soon', { status: ['EXPIRING_SOON'] }, ['crm']],
    ['expired', { status: ['EXPIRED'] }, ['old']],
    ['inactive', { status: ['INACTIVE'] }, ['portal']],
    ['revoked', { status: ['REVOKED'] }, ['gone']],
    ['no statuses: nothing', { status: [] }, []],
    ['environment', { environment: ['STAGING', 'DEVELOPMENT'] }, ['crm', 'portal']],
    ['no environments: nothing', { environment: [] }, []],
    ['kind', { kind: 'SIGNED' }, []],
    ['permission, by name, Admin and role', { permission: 'view_invoice' }, ['admin', 'billing', 'monitor']],
    ['permission, by wildcard', { permission: 'customer.read' }, ['admin', 'crm', 'monitor']],
    ['name', { search: 'BILL' }, ['billing']],
    ['description', { search: 'invoices' }, ['billing']],
    ['a percent sign as itself', { search: '100%' }, ['billing']],
    ['an underscore as itself', { search: '_' }, []],
    ['a backslash as itself', { search: '\\' }, []],
    ['an injection', { search: "' or 1=1 --" }, []],
    ['created in the past', { created: { to: '2020-01-01T00:00:00Z' } }, []],
    ['expiry range', { expires: { from: inDays(1), to: inDays(30) } }, ['crm']],
    ['search and status', { search: 'o', status: ['INACTIVE'] }, ['portal']],
  ])('by %s', async (_what, filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  test('by Key ID, its beginning, the end of the token, and the masked form', async () => {
    const { id, secret } = keys['crm']!;
    for (const search of [
      id,
      id.slice(0, 20),
      secret.slice(-4),
      `kw_stag_…${secret.slice(-4)}`,
      secret.slice(0, 16),
    ]) {
      expect(await names({ search }), search).toContain('crm');
    }
  });

  test('by a whole pasted key, including a revoked one among the revoked, and never by a wrong one', async () => {
    expect(await names({ search: keys['crm']!.secret })).toEqual(['crm']);
    expect(await names({ search: ` ${keys['crm']!.secret}\n` })).toEqual(['crm']);
    expect(await names({ search: keys['gone']!.secret, status: ['REVOKED'] })).toEqual(['gone']);
    const { secret } = keys['crm']!;
    expect(await names({ search: secret.slice(0, -1) + (secret.endsWith('a') ? 'b' : 'a') })).toEqual([]);
  });

  test('by last use', async () => {
    await eventually(async () => {
      const used = await names({ lastUsed: { from: new Date(Date.now() - DAY).toISOString() } });
      expect(used).toEqual(['admin', 'billing']);
    });
    expect(await names({ unusedForDays: 1 })).toEqual([]);
    await keywright.database.query(`alter table api_key disable trigger api_key_guard`);
    await keywright.database.query(
      `update api_key set created_at = now() - interval '9 days' where name = 'crm'`,
    );
    await keywright.database.query(`alter table api_key enable trigger api_key_guard`);
    expect(await names({ unusedForDays: 8 })).toEqual(['crm']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['0 days unused', { unusedForDays: 0 }],
    ['a search of 201 characters', { search: 'x'.repeat(201) }],
    ['NUL in a search', { search: 'a\0' }],
    ['an unknown member', { tenant: 'x' }],
    ['an unknown status', { status: ['WEIRD'] }],
  ])('rejects %s', async (_what, filter) => {
    expect(codes(await list({ filter }))).toEqual(['BAD_USER_INPUT']);
  });
});

describe('the counts', () => {
  const counts = (filter: Record<string, unknown> = {}): Promise<Record<string, number>> =>
    request<{ apiKeyCounts: Record<string, number> }>(
      keywright.url,
      'query ($filter: ApiKeyFilter) { apiKeyCounts(filter: $filter) { total active expiringSoon expired inactive revoked } }',
      { filter },
      { bearer },
    ).then((data) => data.apiKeyCounts);

  test('add up: total is everything not revoked, active includes expiring soon', async () => {
    expect(await counts()).toEqual({
      total: 6,
      active: 4,
      expiringSoon: 1,
      expired: 1,
      inactive: 1,
      revoked: 1,
    });
  });

  test('match between running totals and keys, for every environment', async () => {
    for (const environment of [['PRODUCTION'], ['STAGING'], ['DEVELOPMENT', 'STAGING'], []]) {
      // A condition that is always true but not covered by the tally.
      const counted = { environment, created: { from: '2000-01-01T00:00:00Z' } };
      expect(await counts({ environment })).toEqual(await counts(counted));
    }
  });
});

describe('pages', () => {
  test.each(['NAME', 'CREATED', 'MODIFIED', 'EXPIRES', 'CREATED_BY', 'LAST_USED', 'USAGE'])(
    'by %s visit everything once, forwards and backwards',
    async (field) => {
      for (const direction of ['ASC', 'DESC']) {
        const sort = { field, direction };
        const whole = (await list({ sort })).data!.apiKeys.nodes.map((key) => key.id);
        expect(whole).toHaveLength(6);
        const forwards: string[] = [];
        let after: string | null = null;
        for (let i = 0; i < 3; i++) {
          const { apiKeys }: ListPage = (await list({ sort, first: 2, after })).data!;
          forwards.push(...apiKeys.nodes.map((key) => key.id));
          expect(apiKeys.pageInfo.hasNextPage).toBe(i < 2);
          after = apiKeys.pageInfo.endCursor;
        }
        expect(forwards).toEqual(whole);
        const { apiKeys } = (await list({ sort, last: 2, before: after })).data!;
        expect(apiKeys.nodes.map((key) => key.id)).toEqual(whole.slice(3, 5));
        expect(apiKeys.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
      }
    },
  );

  test('sort by usage once it is counted', async () => {
    await eventually(async () => {
      const { data } = await list({ sort: { field: 'USAGE', direction: 'DESC' }, first: 2 });
      expect(data!.apiKeys.nodes.map((key) => key.name)).toEqual(['billing', 'admin']);
    });
  });

  test('reject invalid sizes, mixed directions, and cursors that are forged or of another sort order', async () => {
    const cursor = (await list({ sort: BY_NAME, first: 1 })).data!.apiKeys.pageInfo.endCursor;
    const id = keys['crm']!.id;
    const forge = (...values: unknown[]): string => Buffer.from(JSON.stringify(values)).toString('base64url');
    const usage = { field: 'USAGE', direction: 'ASC' };
    for (const variables of [
      { first: 1_000_000 },
      { first: 0 },
      { first: -1 },
      { first: 101 },
      { last: 101, before: cursor },
      { first: 1, last: 1 },
      { after: cursor, sort: { field: 'CREATED', direction: 'ASC' } },
      { after: 'garbage', sort: BY_NAME },
      { after: '', sort: BY_NAME },
      { after: 'x'.repeat(5000), sort: BY_NAME },
      { after: forge('keys CREATED DESC', 'not a time', id) },
      { after: forge('keys CREATED DESC', 'now', id) },
      { after: forge('keys CREATED DESC', '2026-02-02 10:00:00+99:99', id) },
      { after: forge('keys CREATED DESC', '2026-02-02 10:00:00 Foo/Bar', id) },
      { after: forge('keys CREATED DESC', '2026-99-99 10:00:00+00', id) },
      { after: forge('keys CREATED DESC', null, id) },
      { after: forge('keys USAGE ASC', '99999999999999999999', id), sort: usage },
      { after: forge('keys USAGE ASC', 1, id), sort: usage },
      { after: forge('keys USAGE ASC', '1', 'x'), sort: usage },
    ]) {
      expect(codes(await list(variables)), JSON.stringify(variables)).toEqual(['BAD_USER_INPUT']);
    }
  });
});

test('forged cursors of the audit log are rejected', async () => {
  for (const value of [1e300, 1.5, 'x', null]) {
    const after = Buffer.from(JSON.stringify(['audit', value])).toString('base64url');
    const answer = await graphql(
      keywright.url,
      'query ($after: String) { auditEvents(after: $after) { nodes { id } } }',
      { after },
      { bearer },
    );
    expect(codes(answer), String(value)).toEqual(['BAD_USER_INPUT']);
  }
});
