import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codes, type Credential } from '../../support/peers/graphql.js';
import { Tenancy, type Member } from '../../support/seed/tenancy.js';

const CREATE = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
const UPDATE = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }';
const MOVE = 'mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }';
const REVOKE = 'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }';

let tenancy: Tenancy;
let mine: Awaited<ReturnType<Tenancy['branch']>>;
let other: typeof mine;
let admin: Member;
let made = 0;
beforeAll(async () => {
  tenancy = await Tenancy.start({ KEYWRIGHT_MAX_KEYS_PER_CUSTOMER: '8', KEYWRIGHT_MAX_KEYS: '200' });
  [mine, other] = [await tenancy.branch(), await tenancy.branch()];
  const roleId = await tenancy.role('Organization Administrator');
  admin = await tenancy.member([{ scopeId: mine.organization, roleId }]);
});
afterAll(() => tenancy.stop());

const create = (scopeId: string, name = `Key ${++made}`, by: Credential = tenancy.owner) =>
  tenancy.try<{ createApiKey: { apiKey: { id: string } } }>(
    CREATE,
    { input: { name, scopeId, permissions: [] } },
    by,
  );

describe('names of keys', () => {
  test('are unique within a customer, and reveal nothing about keys of other customers', async () => {
    expect(codes(await create(other.account, 'Billing'))).toEqual([]);
    expect(codes(await create(mine.organization, 'Billing', admin.credential))).toEqual([]);
    expect(codes(await create(mine.account, ' BILLING', admin.credential))).toEqual(['NAME_TAKEN']);
    expect(codes(await create(mine.customer, 'ｂilling'))).toEqual(['NAME_TAKEN']);
    const renamed = (await create(mine.account)).data!.createApiKey.apiKey.id;
    const input = { id: renamed, name: 'Billing' };
    expect(codes(await tenancy.try(UPDATE, { input }))).toEqual(['NAME_TAKEN']);
    await tenancy.ask(REVOKE, { id: renamed });
  });

  test('are unique among keys of the installation', async () => {
    const input = { name: 'Billing', permissions: [] };
    expect(codes(await tenancy.try(CREATE, { input }))).toEqual([]);
    expect(codes(await tenancy.try(CREATE, { input }))).toEqual(['NAME_TAKEN']);
  });

  test('that would collide through a move prevent it, and are named only to callers who see both keys', async () => {
    const [from, to] = [await tenancy.branch(), await tenancy.branch()];
    const clash = (await create(from.account, 'Sync')).data!.createApiKey.apiKey.id;
    await create(to.customer, 'Sync');
    const input = { id: from.organization, parentId: to.customer };
    const answer = await tenancy.try(MOVE, { input });
    expect(codes(answer)).toEqual(['NAME_TAKEN']);
    expect(JSON.stringify(answer)).toContain('“Sync”');
    const permissions = ['keywright.access.manage'];
    const { credential } = await tenancy.member(
      [from, to].map(({ customer }) => ({ scopeId: customer, permissions })),
    );
    const hidden = await tenancy.try(MOVE, { input }, credential);
    expect(codes(hidden)).toEqual(['CONFLICT']);
    expect(JSON.stringify(hidden)).not.toMatch(/Sync/i);
    const { apiKey } = await tenancy.ask<{ apiKey: { name: string } }>(
      'query ($id: ID!) { apiKey(id: $id) { name } }',
      { id: clash },
    );
    expect(apiKey.name).toBe('Sync');
    await tenancy.ask(UPDATE, { input: { id: clash, name: 'Sync of another name' } });
    await tenancy.ask(MOVE, { input });
    // It now belongs to the new customer, with everything below it.
    expect(codes(await create(to.organization, 'Sync of another name'))).toEqual(['NAME_TAKEN']);
    expect(codes(await create(from.customer, 'Sync of another name'))).toEqual([]);
    expect(codes(await create(from.account, 'Sync'))).toEqual(['NAME_TAKEN']);
  });

  test('stay unique when keys are created while their scope moves', async () => {
    const [from, to] = [await tenancy.branch(), await tenancy.branch()];
    for (let round = 0; round < 6; round++) {
      const parentId = round % 2 ? from.customer : to.customer;
      const name = `Race ${round}`;
      await Promise.all([
        tenancy.try(MOVE, { input: { id: from.organization, parentId } }),
        create(from.account, name),
        create(to.customer, name),
        create(from.customer, name),
      ]);
      for (const { id } of await tenancy.database.query<{ id: string }>(
        `select id from api_key where name_folded like 'race %' and revoked_at is null`,
      )) {
        const [row] = await tenancy.database.query<{ right: boolean }>(
          `select k.customer_id = s.path[2] as right from api_key k join scope s on s.id = k.scope_id where k.id = $1`,
          [id],
        );
        expect(row!.right).toBe(true);
        await tenancy.ask(REVOKE, { id });
      }
    }
  });
});

test('two customers can have the same contact address', async () => {
  const email = `shared${++made}@example.test`;
  await tenancy.scope('CUSTOMER', undefined, { email });
  await tenancy.scope('CUSTOMER', undefined, { email });
});

describe('a maximum of keys', () => {
  test('stops a customer at exactly its number, even concurrently, and leaves others unaffected', async () => {
    const { customer, account } = await tenancy.branch();
    const answers = await Promise.all(Array.from({ length: 12 }, () => create(account)));
    expect(answers.filter((answer) => codes(answer).length === 0)).toHaveLength(8);
    expect(new Set(answers.flatMap(codes))).toEqual(new Set(['LICENSE_LIMIT_REACHED']));
    expect(codes(await create(mine.account))).toEqual([]);
    expect(codes(await tenancy.try(CREATE, { input: { name: `Key ${++made}`, permissions: [] } }))).toEqual(
      [],
    );
    const SET = `mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { maximumKeys keyLimit } }`;
    const set = (maximumKeys: number | null, by?: Credential) =>
      tenancy.try<{ updateScope: { maximumKeys: number | null; keyLimit: number } }>(
        SET,
        { input: { id: customer, maximumKeys } },
        by,
      );
    expect((await set(9)).data!.updateScope).toEqual({ maximumKeys: 9, keyLimit: 9 });
    expect(codes(await create(account))).toEqual([]);
    expect(codes(await create(account))).toEqual(['LICENSE_LIMIT_REACHED']);
    expect((await set(null)).data!.updateScope).toEqual({ maximumKeys: null, keyLimit: 8 });
    expect(codes(await set(-1))).toEqual(['BAD_USER_INPUT']);
    const roleId = await tenancy.role('Customer Administrator');
    const own = await tenancy.member([{ scopeId: customer, roleId }]);
    expect(codes(await set(100, own.credential))).toEqual(['FORBIDDEN']);
    const input = { id: account, maximumKeys: 1 };
    expect(codes(await tenancy.try(MOVE, { input }))).toEqual(['BAD_USER_INPUT']);
  });

  test('is enforced when a scope with keys moves to another customer, even while keys are created there', async () => {
    const [from, to] = [await tenancy.branch(), await tenancy.branch()];
    for (let n = 0; n < 3; n++) await create(from.account);
    await tenancy.ask(MOVE, { input: { id: to.customer, maximumKeys: 3 } });
    const taken = (await create(to.account)).data as { createApiKey: { apiKey: { id: string } } };
    const input = { id: from.organization, parentId: to.customer };
    const refused = await tenancy.try(MOVE, { input });
    expect(refused.errors[0]!.extensions).toMatchObject({
      code: 'LICENSE_LIMIT_REACHED',
      used: 1,
      maximum: 3,
    });
    // The key limit does not matter for a scope without keys or a move within the customer.
    const empty = await tenancy.scope('ORGANIZATION', from.customer);
    expect(codes(await tenancy.try(MOVE, { input: { id: empty, parentId: to.customer } }))).toEqual([]);
    await tenancy.ask(MOVE, { input: { id: to.customer, maximumKeys: 0 } });
    expect(codes(await tenancy.try(MOVE, { input: { id: to.account, parentId: empty } }))).toEqual([]);
    await tenancy.ask(MOVE, { input: { id: to.customer, maximumKeys: 3 } });
    await tenancy.ask(REVOKE, { id: taken.createApiKey.apiKey.id });
    const answers = await Promise.all([tenancy.try(MOVE, { input }), create(to.account), create(to.account)]);
    const refusals = answers.flatMap(codes);
    expect(new Set(refusals)).toEqual(new Set(['LICENSE_LIMIT_REACHED']));
    const [row] = await tenancy.database.query<{ keys: number }>(
      'select count(*)::int as keys from api_key where customer_id = $1 and revoked_at is null',
      [to.customer],
    );
    expect(row!.keys).toBeLessThanOrEqual(3);
    expect(row!.keys).toBeGreaterThan(0);
  });

  test('is shown in numbers only to callers who can count the keys there', async () => {
    const { customer, organization } = await tenancy.branch();
    await tenancy.ask(MOVE, { input: { id: customer, maximumKeys: 0 } });
    const roleId = await tenancy.role('Organization Administrator');
    const lower = await tenancy.member([{ scopeId: organization, roleId }]);
    const whole = await tenancy.member([{ scopeId: customer, roleId }]);
    const [hidden, reported] = [
      await create(organization, undefined, lower.credential),
      await create(organization, undefined, whole.credential),
    ];
    expect(hidden.errors![0]!.message).not.toMatch(/\d/);
    expect(hidden.errors![0]!.extensions).not.toHaveProperty('maximum');
    expect(reported.errors![0]!.extensions).toMatchObject({
      code: 'LICENSE_LIMIT_REACHED',
      used: 0,
      maximum: 0,
    });
  });
});

test('permissions held at invisible scopes appear in no list, filter or rejection', async () => {
  const grants = [
    { scopeId: mine.organization, permissions: ['view_customer'] },
    { scopeId: other.organization, permissions: ['view_invoice'] },
  ];
  const key = await tenancy.key({ scopeId: mine.organization, grants });
  const account = await tenancy.serviceAccount(mine.organization, grants);
  const inheriting = await tenancy.key({ serviceAccountId: account });
  for (const { id } of [key, inheriting]) {
    const { apiKey } = await tenancy.ask<{ apiKey: { permissions: string[] } }>(
      'query ($id: ID!) { apiKey(id: $id) { permissions } }',
      { id },
      admin.credential,
    );
    expect(apiKey.permissions).toEqual(['view_customer']);
    const list = async (permission: string, by: Credential): Promise<string[]> =>
      (
        await tenancy.ask<{ apiKeys: { nodes: { id: string }[]; totalCount: string } }>(
          'query ($f: ApiKeyFilter) { apiKeys(filter: $f) { totalCount nodes { id } } apiKeyCounts(filter: $f) { total } }',
          { f: { permission } },
          by,
        )
      ).apiKeys.nodes.map((node) => node.id);
    expect(await list('view_customer', admin.credential)).toContain(id);
    expect(await list('view_invoice', admin.credential)).not.toContain(id);
    expect(await list('view_invoice', tenancy.owner)).toContain(id);
    const refused = await tenancy.try(
      'mutation ($id: ID!) { regenerateApiKey(id: $id) { apiKey { id } } }',
      { id },
      admin.credential,
    );
    expect(codes(refused)).toEqual(['GRANT_NOT_HELD']);
    expect(JSON.stringify(refused)).not.toContain('view_invoice');
  }
});
