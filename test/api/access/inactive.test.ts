import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from '../../support/peers/client.js';
import { ROOT, Tenancy } from '../../support/seed/tenancy.js';

const COUNTS = `query ($f: ApiKeyFilter) { apiKeyCounts(filter: $f) { total active expiringSoon expired inactive revoked } }`;
const LIST = 'query ($f: ApiKeyFilter) { apiKeys(filter: $f, first: 100) { totalCount nodes { id } } }';

type Counts = Record<'total' | 'active' | 'expiringSoon' | 'expired' | 'inactive' | 'revoked', string>;

let tenancy: Tenancy;
let verifier: string;
beforeAll(async () => {
  tenancy = await Tenancy.start();
  verifier = (await tenancy.key({ permissions: ['keywright.verify'] })).secret;
});
afterAll(() => tenancy.stop());

const statusOf = async (id: string): Promise<[string, string | null]> => {
  const { apiKey } = await tenancy.ask<{ apiKey: { status: string; inactiveReason: string | null } }>(
    'query ($id: ID!) { apiKey(id: $id) { status inactiveReason } }',
    { id },
  );
  return [apiKey.status, apiKey.inactiveReason];
};
const setAccount = (id: string, enabled: boolean): Promise<unknown> =>
  tenancy.ask(
    'mutation ($input: UpdateServiceAccountInput!) { updateServiceAccount(input: $input) { id } }',
    {
      input: { id, enabled },
    },
  );
const setApi = (id: string, enabled: boolean): Promise<unknown> =>
  tenancy.ask('mutation ($id: ID!, $on: Boolean!) { setScopeApiEnabled(id: $id, enabled: $on) { id } }', {
    id,
    on: enabled,
  });
const countsOf = async (filter: Record<string, unknown> = {}): Promise<Record<string, number>> => {
  const { apiKeyCounts } = await tenancy.ask<{ apiKeyCounts: Counts }>(COUNTS, { f: filter });
  return Object.fromEntries(Object.entries(apiKeyCounts).map(([name, n]) => [name, Number(n)]));
};

/** The counts of a filter must match its lists, status by status, however they are counted. */
async function expectExact(filter: Record<string, unknown>): Promise<void> {
  const counts = await countsOf(filter);
  const lists: Record<string, string[]> = {
    active: ['ACTIVE', 'EXPIRING_SOON'],
    expiringSoon: ['EXPIRING_SOON'],
    expired: ['EXPIRED'],
    inactive: ['INACTIVE'],
    revoked: ['REVOKED'],
  };
  for (const [name, status] of Object.entries(lists)) {
    const { apiKeys } = await tenancy.ask<{ apiKeys: { totalCount: string; nodes: unknown[] } }>(LIST, {
      f: { ...filter, status },
    });
    expect([name, apiKeys.nodes.length, Number(apiKeys.totalCount)]).toEqual([
      name,
      counts[name],
      counts[name],
    ]);
  }
  expect(counts['total']).toBe(counts['active']! + counts['expired']! + counts['inactive']!);
}

test('a key whose service account or API is switched off is inactive, and says why', async () => {
  const { customer, organization } = await tenancy.branch();
  const account = await tenancy.serviceAccount(organization, [{ permissions: ['view_customer'] }]);
  const key = await tenancy.key({ serviceAccountId: account });
  const alone = await tenancy.key({ scopeId: organization, permissions: ['view_customer'] });
  expect(await statusOf(key.id)).toEqual(['ACTIVE', null]);

  await setAccount(account, false);
  expect(await statusOf(key.id)).toEqual(['INACTIVE', 'SERVICE_ACCOUNT_DISABLED']);
  await setAccount(account, true);
  for (const scope of [organization, customer]) {
    await setApi(scope, false);
    expect(await statusOf(key.id)).toEqual(['INACTIVE', 'API_DISABLED']);
    // The switch stops only keys of service accounts.
    expect(await statusOf(alone.id)).toEqual(['ACTIVE', null]);
    const asked = async (token: string) =>
      (await verify(tenancy.url, verifier, { key: token, environment: 'PRODUCTION' })).body.code;
    expect([await asked(key.secret), await asked(alone.secret)]).toEqual(['KEY_DISABLED', 'VALID']);
    await setApi(scope, true);
    expect(await statusOf(key.id)).toEqual(['ACTIVE', null]);
  }
  await tenancy.ask('mutation ($id: ID!) { disableApiKey(id: $id) { apiKey { id } } }', { id: key.id });
  await setAccount(account, false);
  expect(await statusOf(key.id)).toEqual(['INACTIVE', 'DISABLED']);
});

test('running totals and direct counts agree after any switch, move, fold or concurrent change', async () => {
  const [from, to] = [await tenancy.branch(), await tenancy.branch()];
  const accounts = [
    await tenancy.serviceAccount(from.organization, []),
    await tenancy.serviceAccount(from.customer, []),
    await tenancy.serviceAccount(to.account, []),
    await tenancy.serviceAccount(ROOT, []),
  ];
  const soon = new Date(Date.now() + 86_400_000).toISOString();
  const ids: string[] = [];
  for (const serviceAccountId of accounts) {
    for (const over of [{}, { enabled: false }, { expiresAt: soon }, { environment: 'STAGING' }, {}]) {
      ids.push((await tenancy.key({ serviceAccountId, ...over })).id);
    }
  }
  const { database } = tenancy;
  // Two expire, one of them disabled, and one is revoked.
  await database.query(`update api_key set expires_at = now() - interval '1 day' where id = any($1)`, [
    [ids[0], ids[1], ids[10]],
  ]);
  await tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', { id: ids[4] });
  const filters = [
    {},
    { environment: ['PRODUCTION'] },
    { kind: 'BEARER', environment: ['STAGING'] },
    { withinScopeId: ROOT },
  ];
  const check = async (): Promise<void> => {
    for (const filter of filters) await expectExact(filter);
    expect(await countsOf({})).toEqual(await countsOf({ withinScopeId: ROOT }));
  };
  await check();
  const before = await countsOf({});
  await setAccount(accounts[0]!, false);
  await check();
  await setApi(from.customer, false);
  await check();
  expect((await countsOf({}))['inactive']).toBeGreaterThan(before['inactive']!);
  await tenancy.ask('mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }', {
    input: { id: from.organization, parentId: to.customer },
  });
  await check();
  await Promise.all([
    setAccount(accounts[0]!, true),
    setApi(from.customer, true),
    ...ids
      .slice(5, 9)
      .map((id, i) =>
        tenancy.ask(
          `mutation ($id: ID!) { ${i % 2 ? 'enable' : 'disable'}ApiKey(id: $id) { apiKey { id } } }`,
          { id },
        ),
      ),
  ]);
  await setAccount(accounts[3]!, false);
  await check();
  await database.query(`with folded as (delete from api_key_account_tally returning *)
    insert into api_key_account_tally select service_account_id, environment, kind, sum(n) from folded
    group by 1, 2, 3 having sum(n) <> 0`);
  await check();
});
