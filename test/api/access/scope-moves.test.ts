import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codes, type GraphqlResponse } from '../../support/peers/graphql.js';
import { Tenancy, type GrantInput } from '../../support/seed/tenancy.js';

const MOVE = 'mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }';
const MANAGE = ['keywright.access.manage', 'keywright.keys.read'];

let tenancy: Tenancy;
beforeAll(async () => (tenancy = await Tenancy.shared()));
afterAll(() => tenancy.stop());

/** Two customers, and a user who manages access in both and has more permissions at the scope that moves. */
async function world(more: readonly string[] = []) {
  const [from, to] = [await tenancy.branch(), await tenancy.branch()];
  const { credential } = await tenancy.member([
    { scopeId: from.customer, permissions: [...MANAGE, ...more] },
    { scopeId: to.customer, permissions: MANAGE },
  ]);
  const move = (): Promise<GraphqlResponse<unknown>> =>
    tenancy.try(MOVE, { input: { id: from.organization, parentId: to.customer } }, credential);
  return { from, to, move };
}

const invite = (grants: readonly GrantInput[]): Promise<unknown> =>
  tenancy.ask(
    'mutation ($email: String!, $grants: [GrantInput!]!) { inviteUser(email: $email, grants: $grants) { id } }',
    { email: `invited${Math.random()}@example.test`, grants },
  );

test('a scope moves if nobody gains anything that the mover does not hold', async () => {
  const { move } = await world();
  expect(codes(await move())).toEqual([]);
});

test.each<[string, (grants: readonly GrantInput[], scopeId: string) => Promise<unknown>]>([
  ['a user', (grants) => tenancy.member(grants)],
  ['a service account', (grants, scopeId) => tenancy.serviceAccount(scopeId, grants)],
  ['a key', (grants) => tenancy.key({ grants })],
  ['an invited person', (grants) => invite(grants)],
])('it does not move if %s holds more there than the mover', async (_, give) => {
  const permissions = ['keywright.keys.write', 'view_customer'];
  const { to, move } = await world();
  await give([{ scopeId: to.customer, permissions }], to.customer);
  const answer = await move();
  expect(codes(answer)).toEqual(['GRANT_NOT_HELD']);
  expect(JSON.stringify(answer)).not.toMatch(/keys\.write|view_customer/);
  const holding = await world(permissions);
  await give([{ scopeId: holding.to.customer, permissions }], holding.to.customer);
  expect(codes(await holding.move())).toEqual([]);
});

test('permissions through roles count too, and those of revoked keys do not', async () => {
  const first = await world();
  const roleId = await tenancy.role('Customer Administrator');
  await tenancy.member([{ scopeId: first.to.customer, roleId }]);
  expect(codes(await first.move())).toEqual(['GRANT_NOT_HELD']);
  const promised = await world();
  await invite([{ scopeId: promised.to.customer, roleId }]);
  expect(codes(await promised.move())).toEqual(['GRANT_NOT_HELD']);
  const second = await world();
  const { id } = await tenancy.key({ grants: [{ scopeId: second.to.customer, permissions: ['*'] }] });
  expect(codes(await second.move())).toEqual(['GRANT_NOT_HELD']);
  await tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', { id });
  expect(codes(await second.move())).toEqual([]);
});

test('keys of the scope cannot see their new customer as their own', async () => {
  const { from, move } = await world();
  await tenancy.key({
    scopeId: from.account,
    permissions: undefined,
    grants: [{ permissions: ['view_own_customer'] }],
  });
  expect(codes(await move())).toEqual(['GRANT_NOT_HELD']);
});

test('a concurrent grant at the new parent is waited for', async () => {
  const { to, move } = await world();
  const { id } = await tenancy.member([{ scopeId: to.account, permissions: ['view_customer'] }]);
  const other = new pg.Client({ connectionString: tenancy.database.url });
  await other.connect();
  try {
    await other.query('begin');
    await other.query(
      `insert into user_grant (user_id, position, scope_id, permissions) values ($1, 9, $2, '{keywright.keys.write}')`,
      [id, to.customer],
    );
    const waiting = move();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await other.query('commit');
    expect(codes(await waiting)).toEqual(['GRANT_NOT_HELD']);
  } finally {
    await other.end();
  }
});

test('an account leaves a switched-off API only with the right to switch that on', async () => {
  const [from, to] = [await tenancy.branch(), await tenancy.branch()];
  const here = { scopeId: from.organization, permissions: MANAGE };
  const there = { scopeId: to.organization, permissions: MANAGE };
  const { credential } = await tenancy.member([here, there]);
  const other = await tenancy.member([{ ...here, scopeId: from.customer }, there]);
  const switchTo = (enabled: boolean): Promise<unknown> =>
    tenancy.ask(
      'mutation ($id: ID!, $enabled: Boolean!) { setScopeApiEnabled(id: $id, enabled: $enabled) { id } }',
      {
        id: from.customer,
        enabled,
      },
    );
  const move = (by: typeof credential): Promise<GraphqlResponse<unknown>> =>
    tenancy.try(MOVE, { input: { id: from.account, parentId: to.organization } }, by);
  await switchTo(false);
  expect(codes(await move(credential))).toEqual(['FORBIDDEN']);
  expect(codes(await move(other.credential))).toEqual([]);
});
