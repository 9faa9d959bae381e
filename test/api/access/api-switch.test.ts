import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { codes, type Credential } from '../../support/peers/graphql.js';
import { Tenancy } from '../../support/seed/tenancy.js';

const SWITCH =
  'mutation ($id: ID!, $enabled: Boolean!) { setScopeApiEnabled(id: $id, enabled: $enabled) { id } }';
const MOVE = 'mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }';
const UPDATE_ACCOUNT =
  'mutation ($input: UpdateServiceAccountInput!) { updateServiceAccount(input: $input) { id } }';
const MANAGES = ['keywright.access.manage', 'keywright.keys.read'];

let tenancy: Tenancy;
beforeAll(async () => (tenancy = await Tenancy.shared()));
afterAll(() => tenancy.stop());

const setApi = async (id: string, enabled: boolean, by: Credential = tenancy.owner): Promise<string[]> =>
  codes(await tenancy.try(SWITCH, { id, enabled }, by));

/** A customer, a user who manages access in its organization, and a service account there with more permissions. */
async function world(permissions: readonly string[] = ['view_customer']) {
  const branch = await tenancy.branch();
  const delegate = await tenancy.member([{ scopeId: branch.organization, permissions: MANAGES }]);
  const account = await tenancy.serviceAccount(branch.account, [{ scopeId: branch.account, permissions }]);
  const key = await tenancy.key({ serviceAccountId: account });
  return { ...branch, delegate: delegate.credential, serviceAccount: account, key };
}

describe('switching an API on', () => {
  test('requires what the service accounts of the affected keys hold, and switching it off does not', async () => {
    const { organization, delegate } = await world();
    expect(await setApi(organization, false, delegate)).toEqual([]);
    expect(await setApi(organization, true, delegate)).toEqual(['GRANT_NOT_HELD']);
    expect(await setApi(organization, true)).toEqual([]);
    const held = await world(['keywright.keys.read']);
    for (const on of [false, true]) expect(await setApi(held.organization, on, held.delegate)).toEqual([]);
  });

  test('requires it even while the API above is off', async () => {
    const { customer, organization, delegate } = await world();
    await setApi(organization, false);
    await setApi(customer, false);
    expect(await setApi(organization, true, delegate)).toEqual(['GRANT_NOT_HELD']);
  });

  test.each<[string, (world: { serviceAccount: string; key: { id: string } }) => Promise<unknown>]>([
    [
      'the service account is disabled',
      ({ serviceAccount: id }) => tenancy.ask(UPDATE_ACCOUNT, { input: { id, enabled: false } }),
    ],
    [
      'its key is disabled',
      ({ key }) => tenancy.ask('mutation ($id: ID!) { disableApiKey(id: $id) { apiKey { id } } }', key),
    ],
    [
      'its key is revoked',
      ({ key }) => tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', key),
    ],
  ])('requires nothing for what stays off: %s', async (_, end) => {
    const { organization, delegate, serviceAccount, key } = await world();
    await setApi(organization, false);
    await end({ serviceAccount, key: { id: key.id } });
    expect(await setApi(organization, true, delegate)).toEqual([]);
  });

  test('is rejected for a restricted key if less restricted keys would get Keywright permissions back', async () => {
    const { organization } = await world(['keywright.keys.read']);
    const grants = [{ scopeId: organization, permissions: MANAGES }];
    const allowedCidrs = ['127.0.0.0/8', '::1'];
    const bound = await tenancy.key({ scopeId: organization, grants, allowedCidrs });
    const free = await tenancy.key({ scopeId: organization, grants });
    await setApi(organization, false);
    expect(await setApi(organization, true, { apiKey: bound.secret })).toEqual(['FORBIDDEN']);
    expect(await setApi(organization, true, { apiKey: free.secret })).toEqual([]);
  });
});

test('leaving an API that is off requires the same as switching it on', async () => {
  const [from, to] = [await world(), await tenancy.branch()];
  const { credential } = await tenancy.member([
    { scopeId: from.customer, permissions: MANAGES },
    { scopeId: to.customer, permissions: MANAGES },
  ]);
  const input = { id: from.account, parentId: to.organization };
  await setApi(from.organization, false);
  expect(codes(await tenancy.try(MOVE, { input }, credential))).toEqual(['GRANT_NOT_HELD']);
  await setApi(from.organization, true);
  expect(codes(await tenancy.try(MOVE, { input }, credential))).toEqual([]);
});

/** Holds the API of a scope off, like a process that remembers a switch lost by a restored database. */
async function holdOff(scopeId: string): Promise<string> {
  const id = `ahd_${scopeId.slice(4)}`;
  await tenancy.database.query(
    `insert into access_hold (id, entity, target_id, restriction, excess, host)
     values ($1, 'scope', $2, '{"apiEnabled": false, "parentId": null}', '{API_DISABLED}', 'a host')`,
    [id, scopeId],
  );
  const ACTIVE = 'query ($id: ID!) { scope(id: $id) { apiActive } }';
  await eventually(async () =>
    expect(await tenancy.ask(ACTIVE, { id: scopeId })).toEqual({ scope: { apiActive: false } }),
  );
  return id;
}

test('releasing the hold on a switch after a restore requires the same', async () => {
  const { customer } = await world();
  const { credential } = await tenancy.member([{ permissions: MANAGES }]);
  const id = await holdOff(customer);
  const RELEASE = 'mutation ($id: ID!) { releaseAccessHold(id: $id) { propagation { complete } } }';
  expect(codes(await tenancy.try(RELEASE, { id }, credential))).toEqual(['GRANT_NOT_HELD']);
  expect(codes(await tenancy.try(RELEASE, { id }))).toEqual([]);
});

test('leaving an API held off since a restore requires the same', async () => {
  const [from, to] = [await world(), await tenancy.branch()];
  const { credential } = await tenancy.member([
    { scopeId: from.customer, permissions: MANAGES },
    { scopeId: to.customer, permissions: MANAGES },
  ]);
  const input = { id: from.account, parentId: to.organization };
  await holdOff(from.organization);
  expect(codes(await tenancy.try(MOVE, { input }, credential))).toEqual(['GRANT_NOT_HELD']);
  expect(codes(await tenancy.try(MOVE, { input }))).toEqual([]);
});
