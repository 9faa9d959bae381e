import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, verify } from '../../support/peers/client.js';
import { codes } from '../../support/peers/graphql.js';
import { ROOT, Tenancy } from '../../support/seed/tenancy.js';

const UPDATE =
  'mutation ($input: UpdateServiceAccountInput!) { updateServiceAccount(input: $input) { id permissions } }';
const UPDATE_KEY =
  'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { permissions narrowed } } }';

let tenancy: Tenancy;
let gateway: string;
let branch: { customer: string; organization: string; account: string };
beforeAll(async () => {
  tenancy = await Tenancy.shared();
  gateway = (await tenancy.key({ permissions: ['keywright.verify'] })).secret;
  branch = await tenancy.branch();
});
afterAll(() => tenancy.stop());

const ask = async (key: string, body: Record<string, unknown> = {}): Promise<string> =>
  (await verify(tenancy.url, gateway, { key, ...body })).body.code;

describe('keys of a service account', () => {
  test('inherit its grants at their scopes, and every change of them immediately', async () => {
    const { organization, account, customer } = branch;
    const provider = await tenancy.serviceAccount(organization, [
      { scopeId: organization, permissions: ['view_customer'] },
    ]);
    const key = (await tenancy.key({ serviceAccountId: provider })).secret;
    const permission = 'view_customer';
    expect(await ask(key, { permission, scope: account })).toBe('VALID');
    expect(await ask(key, { permission, scope: customer })).toBe('SCOPE_DENIED');
    expect(await ask(key, { permission, scope: 'scp_nothing' })).toBe('SCOPE_DENIED');
    expect(await ask(key, { permission: 'create_customer' })).toBe('PERMISSION_DENIED');

    const { body } = await verify(tenancy.url, gateway, { key, permission, scope: account });
    expect(body).toMatchObject({
      serviceAccountId: provider,
      permissions: [permission],
      scopes: [organization],
    });

    const grants = [{ scopeId: customer, roleId: await tenancy.role('Operator') }];
    await tenancy.ask(UPDATE, { input: { id: provider, grants } });
    expect(await ask(key, { permission: 'create_customer', scope: customer })).toBe('VALID');
    await tenancy.ask(UPDATE, { input: { id: provider, grants: [] } });
    expect(await ask(key, { permission })).toBe('PERMISSION_DENIED');
    expect(await ask(key)).toBe('VALID');
    await tenancy.ask(UPDATE, { input: { id: provider, enabled: false } });
    expect(await ask(key)).toBe('KEY_DISABLED');
    await tenancy.ask(UPDATE, { input: { id: provider, enabled: true } });
    expect(await ask(key)).toBe('VALID');
  });

  test('are narrowed by their own permissions, to nothing by an empty list, and widened again by null', async () => {
    const { organization } = branch;
    const provider = await tenancy.serviceAccount(organization, [
      { scopeId: organization, permissions: ['view_customer', 'ticket.*'] },
    ]);
    const { id, secret } = await tenancy.key({
      serviceAccountId: provider,
      permissions: ['ticket.read', 'view_invoice'],
    });
    const held = async (): Promise<string[]> => {
      const names = ['view_customer', 'ticket.read', 'ticket.create', 'view_invoice'];
      const answers = await Promise.all(names.map((permission) => ask(secret, { permission })));
      return names.filter((_, i) => answers[i] === 'VALID');
    };
    expect(await held()).toEqual(['ticket.read']);
    for (const [permissions, wanted, narrowed] of [
      [[], [], true],
      [null, ['view_customer', 'ticket.read', 'ticket.create'], false],
      [['*'], ['view_customer', 'ticket.read', 'ticket.create'], true],
    ] as const) {
      const { updateApiKey } = await tenancy.ask<{ updateApiKey: { apiKey: { narrowed: boolean } } }>(
        UPDATE_KEY,
        { input: { id, permissions } },
      );
      expect(updateApiKey.apiKey.narrowed).toBe(narrowed);
      expect(await held()).toEqual(wanted);
    }
  });

  test('show the source of each permission', async () => {
    const { organization, customer } = branch;
    const provider = await tenancy.serviceAccount(organization, [
      { scopeId: customer, permissions: ['view_invoice'] },
      { scopeId: organization, roleId: await tenancy.role('Viewer') },
    ]);
    const { id } = await tenancy.key({
      serviceAccountId: provider,
      permissions: ['view_invoice', 'keywright.*'],
    });
    const { apiKey } = await tenancy.ask<{ apiKey: { effectiveGrants: unknown[] } }>(
      `query ($id: ID!) { apiKey(id: $id) { effectiveGrants {
         scope { id } role { name } permissions inheritedFrom { id } } } }`,
      { id },
    );
    const inheritedFrom = { id: provider };
    expect(apiKey.effectiveGrants).toEqual([
      { scope: { id: customer }, role: null, permissions: ['view_invoice'], inheritedFrom },
      {
        scope: { id: organization },
        role: { name: 'Viewer' },
        permissions: ['keywright.keys.read', 'keywright.usage.read'],
        inheritedFrom,
      },
    ]);
  });

  test('belong to its scope, and prevent its deletion until they are revoked', async () => {
    const { organization, customer } = branch;
    const provider = await tenancy.serviceAccount(organization, []);
    const elsewhere = { serviceAccountId: provider, scopeId: customer };
    await expect(tenancy.key(elsewhere)).rejects.toThrow('BAD_USER_INPUT');
    const { id } = await tenancy.key({ serviceAccountId: provider });
    const DELETE = 'mutation ($id: ID!) { deleteServiceAccount(id: $id) }';
    expect(codes(await tenancy.try(DELETE, { id: provider }))).toEqual(['CONFLICT']);
    await tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', { id });
    await tenancy.ask(DELETE, { id: provider });
    const { apiKey } = await tenancy.ask<{ apiKey: unknown }>(
      'query ($id: ID!) { apiKey(id: $id) { status serviceAccount { id } scope { id } } }',
      { id },
    );
    expect(apiKey).toEqual({ status: 'REVOKED', serviceAccount: null, scope: { id: organization } });
  });

  test('have unique names at one scope, and can share them across scopes', async () => {
    const CREATE =
      'mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id } }';
    const input = { name: 'Sync', scopeId: branch.organization, grants: [] };
    await tenancy.ask(CREATE, { input });
    expect(codes(await tenancy.try(CREATE, { input: { ...input, name: ' SYNC ' } }))).toEqual(['NAME_TAKEN']);
    await tenancy.ask(CREATE, { input: { ...input, scopeId: branch.customer } });
  });
});

describe('customer-scoped keys', () => {
  test('are checked against the requested scope, and "view own" counts only below their own customer', async () => {
    const other = await tenancy.branch();
    const { secret } = await tenancy.key({
      scopeId: branch.organization,
      grants: [
        { scopeId: branch.customer, permissions: ['view_customer'] },
        { scopeId: other.customer, permissions: ['view_customer'] },
        { scopeId: ROOT, permissions: ['view_own_customer'] },
      ],
    });
    for (const scope of [branch.account, other.account]) {
      expect(await ask(secret, { permission: 'view_customer', scope })).toBe('VALID');
    }
    expect(await ask(secret, { permission: 'view_customer', scope: ROOT })).toBe('SCOPE_DENIED');
    expect(await ask(secret, { permission: 'view_own_customer', scope: branch.account })).toBe('VALID');
    expect(await ask(secret, { permission: 'view_own_customer', scope: other.account })).toBe('SCOPE_DENIED');
    expect(await ask(secret, { permission: 'view_own_customer', scope: ROOT })).toBe('SCOPE_DENIED');
  });

  test('follow an organization that moves to another customer', async () => {
    const [from, to] = [await tenancy.branch(), await tenancy.branch()];
    const { secret } = await tenancy.key({
      grants: [{ scopeId: from.customer, permissions: ['view_customer'] }],
    });
    const asked = { permission: 'view_customer', scope: from.account };
    expect(await ask(secret, asked)).toBe('VALID');
    await tenancy.ask('mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }', {
      input: { id: from.organization, parentId: to.customer },
    });
    expect(await ask(secret, asked)).toBe('SCOPE_DENIED');
  });

  test('a gateway of one customer learns nothing about keys of another, not even one byte', async () => {
    const other = await tenancy.branch();
    const { secret: limited } = await tenancy.key({
      grants: [{ scopeId: branch.customer, permissions: ['keywright.verify'] }],
    });
    const own = await tenancy.key({ grants: [{ scopeId: branch.account, permissions: ['view_customer'] }] });
    const foreign = await tenancy.key({
      grants: [{ scopeId: other.account, permissions: ['view_customer'] }],
    });
    expect((await verify(tenancy.url, limited, { key: own.secret })).body.code).toBe('VALID');
    const requestId = 'same';
    const unknown = { key: `${foreign.secret.slice(0, -7)}A${foreign.secret.slice(-6)}`, requestId };
    const real = await verify(tenancy.url, limited, { key: foreign.secret, requestId });
    expect(real.body.code).toBe('KEY_NOT_FOUND');
    const madeUp = await createKey(tenancy.url, tenancy.owner);
    await tenancy.ask('mutation ($id: ID!) { regenerateApiKey(id: $id) { secret { keyId } } }', {
      id: madeUp.id,
    });
    const gone = await verify(tenancy.url, limited, { key: madeUp.secret, requestId });
    expect(JSON.stringify(real.body)).toBe(JSON.stringify(gone.body));
    expect((await verify(tenancy.url, limited, unknown)).body.valid).toBe(false);
  });
});
