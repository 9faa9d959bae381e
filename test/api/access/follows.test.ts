import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandbox, type CreatedKey } from '../../support/peers/client.js';
import { eventually } from '../../support/eventually.js';
import { codes, type Credential } from '../../support/peers/graphql.js';
import { subscribe, type Subscription } from '../../support/peers/subscribe.js';
import { Tenancy } from '../../support/seed/tenancy.js';

const LISTEN = 'subscription { apiKeyChanged { apiKey { id } } }';
const LIST = '{ apiKeys { totalCount } }';
const UPDATE_USER = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }';
const UPDATE_ROLE = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';

let tenancy: Tenancy;
let touched: CreatedKey;
let touches = 0;
beforeAll(async () => {
  tenancy = await Tenancy.shared();
  touched = await tenancy.key({});
});
afterAll(() => tenancy.stop());

const listen = (as: Credential): Promise<Subscription<unknown>> => subscribe(tenancy.url, LISTEN, {}, as);

/** Triggers an event that every reader of keys would receive. */
const touch = (): Promise<unknown> =>
  tenancy.ask('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
    input: { id: touched.id, description: `touched ${++touches}` },
  });

async function role(permissions: string[]): Promise<string> {
  const { createRole } = await tenancy.ask<{ createRole: { id: string } }>(
    'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
    { input: { name: `Role ${++touches}`, permissions } },
  );
  return createRole.id;
}

/** Expects no further events: the next message is why the subscription ends. */
async function endsWith(stream: Subscription<unknown>, reason: RegExp): Promise<void> {
  await touch();
  await expect(stream.next()).rejects.toThrow(reason);
  await stream.close();
}

describe('changed rights apply immediately to people and their open subscriptions', () => {
  test('when one of their roles is narrowed, and when it is widened again', async () => {
    const roleId = await role(['keywright.keys.read']);
    const { credential } = await tenancy.member([{ roleId }]);
    const stream = await listen(credential);
    await touch();
    await stream.next();
    await tenancy.ask(UPDATE_ROLE, { input: { id: roleId, permissions: ['keywright.usage.read'] } });
    expect(codes(await tenancy.try(LIST, {}, credential))).toEqual(['FORBIDDEN']);
    await endsWith(stream, /Your access has changed/);
    await tenancy.ask(UPDATE_ROLE, { input: { id: roleId, permissions: ['keywright.keys.read'] } });
    expect(codes(await tenancy.try(LIST, {}, credential))).toEqual([]);
  });

  test('when a grant is revoked', async () => {
    const member = await tenancy.member([{ permissions: ['keywright.keys.read'] }]);
    const stream = await listen(member.credential);
    await tenancy.ask(UPDATE_USER, { input: { id: member.id, grants: [] } });
    expect(codes(await tenancy.try(LIST, {}, member.credential))).toEqual(['FORBIDDEN']);
    await endsWith(stream, /Your access has changed/);
  });

  test('when they are disabled, and do not return when they are enabled again', async () => {
    const member = await tenancy.member([{ permissions: ['keywright.keys.read'] }]);
    const stream = await listen(member.credential);
    await tenancy.ask(UPDATE_USER, { input: { id: member.id, enabled: false } });
    expect(codes(await tenancy.try(LIST, {}, member.credential))).toEqual(['UNAUTHENTICATED']);
    await endsWith(stream, /session has ended/);
    await tenancy.ask(UPDATE_USER, { input: { id: member.id, enabled: true } });
    expect(codes(await tenancy.try(LIST, {}, member.credential))).toEqual(['UNAUTHENTICATED']);
  });

  test('when another process disabled them', async () => {
    const member = await tenancy.member([{ permissions: ['keywright.keys.read'] }]);
    const stream = await listen(member.credential);
    await tenancy.database.query('update app_user set enabled = false where id = $1', [member.id]);
    await eventually(async () =>
      expect(codes(await tenancy.try(LIST, {}, member.credential))).toEqual(['UNAUTHENTICATED']),
    );
    await endsWith(stream, /session has ended/);
  });
});

describe('changed rights apply to keys that call the management API', () => {
  test('when the API of their service account is switched off', async () => {
    const { organization, customer } = await tenancy.branch();
    const provider = await tenancy.serviceAccount(organization, [{ permissions: ['keywright.keys.read'] }]);
    const { secret } = await tenancy.key({ serviceAccountId: provider });
    const stream = await listen({ apiKey: secret });
    await touch();
    await stream.next();
    await tenancy.ask('mutation ($id: ID!) { setScopeApiEnabled(id: $id, enabled: false) { id } }', {
      id: customer,
    });
    expect(codes(await tenancy.try(LIST, {}, { apiKey: secret }))).toEqual(['UNAUTHENTICATED']);
    expect((await sandbox(tenancy.url, 'production/ping', secret)).status).toBe(401);
    await endsWith(stream, /no longer accepted/);
  });

  test('when their role through it is narrowed', async () => {
    const { organization } = await tenancy.branch();
    const roleId = await role(['keywright.keys.read', 'view_customer']);
    const provider = await tenancy.serviceAccount(organization, [{ roleId }]);
    const { secret } = await tenancy.key({ serviceAccountId: provider });
    const customers = async (): Promise<number> =>
      (await sandbox(tenancy.url, 'production/customers', secret)).status;
    expect(await customers()).toBe(200);
    await tenancy.ask(UPDATE_ROLE, { input: { id: roleId, permissions: [] } });
    expect(await customers()).toBe(403);
    expect(codes(await tenancy.try(LIST, {}, { apiKey: secret }))).toEqual(['FORBIDDEN']);
  });
});
