import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandbox } from '../../support/peers/client.js';
import { codes } from '../../support/peers/graphql.js';
import { ROOT, Tenancy } from '../../support/seed/tenancy.js';

const CREATE =
  'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id name email joinedOn apiEnabled } }';
const UPDATE = 'mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id name path { id } } }';
const DELETE = 'mutation ($id: ID!) { deleteScope(id: $id) }';
const SWITCH =
  'mutation ($id: ID!, $enabled: Boolean!) { setScopeApiEnabled(id: $id, enabled: $enabled) { apiActive } }';

let tenancy: Tenancy;
beforeAll(async () => {
  tenancy = await Tenancy.shared();
});
afterAll(() => tenancy.stop());

describe('the scope tree', () => {
  test('a customer has a unique address and the date it joined', async () => {
    const input = { kind: 'CUSTOMER', name: 'Acme', email: 'Info@Acme.example' };
    const { createScope } = await tenancy.ask<{ createScope: Record<string, unknown> }>(CREATE, { input });
    const today = new Date().toISOString().slice(0, 10);
    expect(createScope).toMatchObject({ email: 'Info@Acme.example', joinedOn: today, apiEnabled: false });
    const dated = { ...input, email: 'other@acme.example', joinedOn: '2020-02-29' };
    expect(await tenancy.ask(CREATE, { input: dated })).toMatchObject({
      createScope: { joinedOn: '2020-02-29' },
    });
  });

  test.each([
    ['a customer without an address', { kind: 'CUSTOMER', name: 'x' }, 'email'],
    ['a second root', { kind: 'ROOT', name: 'x' }, 'kind'],
    ['an organization below the root', { kind: 'ORGANIZATION', name: 'x' }, 'parentId'],
    ['a scope without a parent', { kind: 'ACCOUNT', name: 'x', parentId: 'scp_nothing' }, 'parentId'],
    ['no name', { kind: 'CUSTOMER', name: ' ', email: 'x@example.test' }, 'name'],
    [
      'a name with hidden characters',
      { kind: 'CUSTOMER', name: 'a\u202eb', email: 'x@example.test' },
      'name',
    ],
    ['an address of an organization', { kind: 'ORGANIZATION', name: 'x', email: 'x@example.test' }, 'email'],
  ])('%s is rejected, and the field is named', async (_, input, member) => {
    const answer = await tenancy.try(CREATE, { input });
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    expect(answer.errors[0]!.extensions.fields?.map(({ path }) => path)).toContain(member);
  });

  test('organizations move between customers with everything below them, and only to valid parents', async () => {
    const [from, to] = [await tenancy.branch(), await tenancy.branch()];
    const moved = await tenancy.ask<{ updateScope: { path: { id: string }[] } }>(UPDATE, {
      input: { id: from.organization, parentId: to.customer },
    });
    expect(moved.updateScope.path.map(({ id }) => id)).toEqual([ROOT, to.customer, from.organization]);
    const { scope } = await tenancy.ask<{ scope: { path: { id: string }[] } }>(
      'query ($id: ID!) { scope(id: $id) { path { id } } }',
      { id: from.account },
    );
    expect(scope.path.map(({ id }) => id)).toEqual([ROOT, to.customer, from.organization, from.account]);
    for (const parentId of [ROOT, from.account, from.organization, 'scp_nothing']) {
      const refused = await tenancy.try(UPDATE, { input: { id: from.organization, parentId } });
      expect(codes(refused)).toEqual(['BAD_USER_INPUT']);
    }
  });

  test('a scope in use is not deleted, and the error says what uses it', async () => {
    const { customer, organization, account } = await tenancy.branch();
    const key = await tenancy.key({ grants: [{ scopeId: account, permissions: ['view_customer'] }] });
    const refused = await tenancy.try(DELETE, { id: account });
    expect(codes(refused)).toEqual(['CONFLICT']);
    expect(refused.errors[0]!.message).toMatch(/1 key, 1 grant/);
    expect((await tenancy.try(DELETE, { id: organization })).errors[0]!.message).toMatch(/1 scope/);
    // A revoked key does not block deletion; its history moves to the parent.
    await tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', { id: key.id });
    for (const id of [account, organization, customer]) await tenancy.ask(DELETE, { id });
    expect(codes(await tenancy.try(DELETE, { id: customer }))).toEqual(['NOT_FOUND']);
    const tombstone = await tenancy.ask<{ apiKey: unknown }>(
      'query ($id: ID!) { apiKey(id: $id) { status scope { id } } }',
      { id: key.id },
    );
    expect(tombstone.apiKey).toEqual({ status: 'REVOKED', scope: { id: ROOT } });
    expect(codes(await tenancy.try(DELETE, { id: ROOT }))).toEqual(['BAD_USER_INPUT']);
  });

  test('concurrent moves and deletions leave a consistent tree', async () => {
    const [a, b] = [await tenancy.branch(), await tenancy.branch()];
    await Promise.all([
      ...[a.customer, b.customer, a.customer, b.customer].map((parentId) =>
        tenancy.try(UPDATE, { input: { id: a.organization, parentId } }),
      ),
      tenancy.try(DELETE, { id: a.account }),
      tenancy.try(DELETE, { id: a.organization }),
    ]);
    const broken = await tenancy.database.query(
      `select s.id from scope s left join scope p on p.id = s.parent_id
       where s.kind <> 'ROOT' and s.path is distinct from p.path || s.id`,
    );
    expect(broken).toEqual([]);
  });
});

describe('the API switch', () => {
  test('off, keys of service accounts there and below stop verifying immediately; on, they work again', async () => {
    const { customer, organization } = await tenancy.branch();
    const provider = await tenancy.serviceAccount(organization, [
      { scopeId: organization, permissions: ['view_customer'] },
    ]);
    const { secret } = await tenancy.key({ serviceAccountId: provider });
    const standalone = await tenancy.key({
      grants: [{ scopeId: organization, permissions: ['view_customer'] }],
    });
    const status = async (token: string): Promise<number> =>
      (await sandbox(tenancy.url, 'production/ping', token)).status;
    expect(await status(secret)).toBe(200);
    for (const id of [organization, customer]) {
      await tenancy.ask(SWITCH, { id, enabled: false });
      const refused = await sandbox(tenancy.url, 'production/ping', secret);
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        401,
        'KEY_DISABLED',
      ]);
      expect(await status(standalone.secret)).toBe(200);
      await tenancy.ask(SWITCH, { id, enabled: true });
      expect(await status(secret)).toBe(200);
    }
  });

  test('exists only for customers and organizations', async () => {
    const { account } = await tenancy.branch();
    for (const id of [account, ROOT]) {
      expect(codes(await tenancy.try(SWITCH, { id, enabled: false }))).toEqual(['BAD_USER_INPUT']);
    }
  });
});

test('a filter by a nonexistent scope or service account matches nothing', async () => {
  await tenancy.key({});
  for (const filter of [
    { withinScopeId: 'scp_01h455vb4pex5vsknk084sn02q' },
    { scopeId: 'nothing' },
    { serviceAccountId: '' },
    { withinScopeId: '' },
  ]) {
    const answer = await tenancy.ask(
      'query ($filter: ApiKeyFilter) { apiKeys(filter: $filter) { totalCount } apiKeyCounts(filter: $filter) { total } }',
      { filter },
    );
    expect(answer).toEqual({ apiKeys: { totalCount: 0 }, apiKeyCounts: { total: 0 } });
  }
});

test('scopes are listed by name, searched by name and address, and paged without gaps', async () => {
  const { customer } = await tenancy.branch();
  const names = Array.from({ length: 7 }, (_, i) => `paged_${i % 2 ? 'B' : 'b'}%${i}`);
  for (const name of names) await tenancy.scope('ORGANIZATION', customer, { name });
  const PAGE = `query ($parentId: ID, $search: String, $after: String) {
    page: scopesConnection(parentId: $parentId, search: $search, first: 3, after: $after) {
      totalCount nodes { name } pageInfo { hasNextPage endCursor } } }`;
  interface Page {
    page: {
      totalCount: number;
      nodes: { name: string }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  }
  const seen: string[] = [];
  let after: string | null = null;
  for (let i = 0; i < 5; i++) {
    const { page }: Page = await tenancy.ask(PAGE, { parentId: customer, search: 'PAGED_b%', after });
    expect(page.totalCount).toBe(7);
    seen.push(...page.nodes.map(({ name }) => name));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  expect(seen).toEqual([...names].sort((x, y) => (x.toLowerCase() < y.toLowerCase() ? -1 : 1)));
  const forged = await tenancy.try(PAGE, { after: Buffer.from('["scopes",{},1]').toString('base64url') });
  expect(codes(forged)).toEqual(['BAD_USER_INPUT']);
});
