import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CreatedKey } from '../../support/peers/client.js';
import { codes, type Credential } from '../../support/peers/graphql.js';
import { ROOT, Tenancy } from '../../support/seed/tenancy.js';

const UPDATE_KEY = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }';
const CREATE_KEY =
  'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } secret { secret } } }';
const REGENERATE =
  'mutation ($id: ID!, $overlap: Int!) { regenerateApiKey(id: $id, overlapSeconds: $overlap) { secret { secret } } }';
const UPDATE_ACCOUNT =
  'mutation ($input: UpdateServiceAccountInput!) { updateServiceAccount(input: $input) { id } }';

const MANAGES = ['keywright.keys.read', 'keywright.keys.write', 'keywright.access.manage', 'view_customer'];
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const BOUNDS = {
  expiresAt: inDays(30),
  allowedCidrs: ['127.0.0.0/8', '::1'],
  rateLimits: [{ name: 'minute', limit: 500, windowSeconds: 60 }],
  quotas: [{ period: 'DAY', limit: 5000 }],
};

let tenancy: Tenancy;
let bound: CreatedKey;
let as: Credential;
let made = 0;
beforeAll(async () => (tenancy = await Tenancy.shared()));
afterAll(() => tenancy.stop());
beforeEach(async () => {
  bound = await tenancy.key({ grants: [{ permissions: MANAGES }], ...BOUNDS });
  as = { apiKey: bound.secret };
});

const update = async (input: Record<string, unknown>, by: Credential = as): Promise<string[]> =>
  codes(await tenancy.try(UPDATE_KEY, { input }, by));
const create = (over: Record<string, unknown>, by: Credential = as) =>
  tenancy.try<{ createApiKey: { apiKey: { id: string }; secret: { secret: string } } }>(
    CREATE_KEY,
    { input: { name: `Issued ${++made}`, ...over } },
    by,
  );

const LOOSER: Record<string, Record<string, unknown>> = {
  'no expiry': { expiresAt: null },
  'a later expiry': { expiresAt: inDays(31) },
  'any address': { allowedCidrs: [] },
  'a wider range': { allowedCidrs: ['127.0.0.0/7', '::1'] },
  'no limit': { rateLimits: [] },
  'a higher limit': { rateLimits: [{ name: 'minute', limit: 501, windowSeconds: 60 }] },
  'a window that counts anew': { rateLimits: [{ name: 'minute', limit: 5, windowSeconds: 61 }] },
  'no quota': { quotas: [] },
};

describe('a key that manages keys', () => {
  test.each(Object.entries(LOOSER))('cannot give itself %s', async (_, change) => {
    expect(await update({ id: bound.id, ...change })).toEqual(['FORBIDDEN']);
    // Any signed-in user can.
    expect(await update({ id: bound.id, ...change }, tenancy.owner)).toEqual([]);
  });

  test.each(Object.entries(LOOSER))(
    'can issue a key with %s only without Keywright permissions',
    async (_, over) => {
      const looser = { ...BOUNDS, ...over };
      expect(codes(await create({ ...looser, permissions: ['keywright.keys.read'] }))).toEqual(['FORBIDDEN']);
      expect(codes(await create({ ...looser, permissions: ['view_customer'] }))).toEqual([]);
      expect(codes(await create({ ...BOUNDS, permissions: ['keywright.keys.read'] }))).toEqual([]);
    },
  );

  test('can narrow itself', async () => {
    const narrower = {
      expiresAt: inDays(20),
      allowedCidrs: ['127.0.0.1'],
      rateLimits: [{ name: 'minute', limit: 400, windowSeconds: 60 }],
      quotas: [{ period: 'DAY', limit: 4000 }],
      permissions: MANAGES.slice(1),
      description: 'Narrower now',
    };
    expect(await update({ id: bound.id, ...narrower })).toEqual([]);
  });

  test('cannot change its metadata, which protected APIs may rely on, nor the form of its grants', async () => {
    expect(await update({ id: bound.id, metadata: { plan: 'gold' } })).toEqual(['FORBIDDEN']);
    const { createRole } = await tenancy.ask<{ createRole: { id: string } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: `Grows later ${++made}`, permissions: MANAGES } },
    );
    expect(await update({ id: bound.id, grants: [{ roleId: createRole.id }] })).toEqual(['FORBIDDEN']);
  });

  test('cannot take over, enable or copy a less restricted key', async () => {
    const free = await tenancy.key({ permissions: ['keywright.keys.write'], enabled: false });
    expect(codes(await tenancy.try(REGENERATE, { id: free.id, overlap: 0 }, as))).toEqual(['FORBIDDEN']);
    for (const query of [
      'mutation ($id: ID!) { enableApiKey(id: $id) { apiKey { id } } }',
      'mutation ($id: ID!) { duplicateApiKey(id: $id, name: "Copy of a free key") { apiKey { id } } }',
    ]) {
      expect(codes(await tenancy.try(query, { id: free.id }, as))).toEqual(['FORBIDDEN']);
    }
    expect(await update({ id: free.id, enabled: true })).toEqual(['FORBIDDEN']);
    expect(await update({ id: free.id, rateLimits: BOUNDS.rateLimits })).toEqual([]);
    expect(codes(await tenancy.try(REGENERATE, { id: bound.id, overlap: 0 }, as))).toEqual([]);
  });

  test('cannot have another key that it issued loosen it', async () => {
    const issued = (await create({ ...BOUNDS, permissions: MANAGES })).data!.createApiKey;
    const other = { apiKey: issued.secret.secret };
    for (const change of Object.values(LOOSER)) {
      expect(await update({ id: bound.id, ...change }, other)).toEqual(['FORBIDDEN']);
    }
  });

  test('gives no Keywright permissions to a less restricted key: not by grants, a role or a service account', async () => {
    const account = await tenancy.serviceAccount(ROOT, [{ permissions: ['view_customer'] }]);
    const { createRole } = await tenancy.ask<{ createRole: { id: string } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: `Harmless ${++made}`, permissions: ['view_customer'] } },
    );
    const free = (await create({ permissions: ['view_customer'] })).data!.createApiKey.apiKey.id;
    expect(codes(await create({ serviceAccountId: account }))).toEqual([]);
    expect(codes(await create({ grants: [{ roleId: createRole.id }] }))).toEqual([]);
    const permissions = ['view_customer', 'keywright.keys.write'];
    expect(await update({ id: free, permissions })).toEqual(['FORBIDDEN']);
    const grants = [{ permissions }];
    const input = { id: account, grants };
    expect(codes(await tenancy.try(UPDATE_ACCOUNT, { input }, as))).toEqual(['FORBIDDEN']);
    const UPDATE_ROLE = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';
    const role = { input: { id: createRole.id, permissions } };
    expect(codes(await tenancy.try(UPDATE_ROLE, role, as))).toEqual(['FORBIDDEN']);
    expect(codes(await tenancy.try(UPDATE_ROLE, role))).toEqual([]);
  });

  test('gives no Keywright permissions to a person: not by a grant, an invitation, a role, or by enabling one', async () => {
    const UPDATE_USER = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }';
    const INVITE = `mutation ($email: String!, $grants: [GrantInput!]!) {
      inviteUser(email: $email, grants: $grants) { id } }`;
    const UPDATE_ROLE = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';
    const permissions = ['view_customer', 'keywright.keys.write'];
    const manages = [...MANAGES, 'keywright.users.manage'];
    const manager = await tenancy.key({ grants: [{ permissions: manages }], ...BOUNDS });
    const by = { apiKey: manager.secret };
    const { createRole } = await tenancy.ask<{ createRole: { id: string } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: `Held ${++made}`, permissions: ['view_customer'] } },
    );
    const role = { input: { id: createRole.id, permissions } };
    const harmless = [{ roleId: createRole.id }];
    const person = await tenancy.member(harmless);
    const change = async (grants: unknown, as: Credential = by): Promise<string[]> =>
      codes(await tenancy.try(UPDATE_USER, { input: { id: person.id, grants } }, as));
    const invite = async (grants: unknown): Promise<string[]> =>
      codes(await tenancy.try(INVITE, { email: `bound${++made}@example.test`, grants }, by));

    expect(await change([...harmless, { permissions }])).toEqual(['FORBIDDEN']);
    expect(await invite([{ permissions }])).toEqual(['FORBIDDEN']);
    expect(codes(await tenancy.try(UPDATE_ROLE, role, by))).toEqual(['FORBIDDEN']);
    expect(await change([...harmless, { permissions: ['view_customer'] }])).toEqual([]);
    expect(await invite(harmless)).toEqual([]);

    const enable = { input: { id: person.id, enabled: true } };
    const disable = { input: { id: person.id, enabled: false } };
    expect(await change([{ permissions }], tenancy.owner)).toEqual([]);
    expect(codes(await tenancy.try(UPDATE_USER, disable, by))).toEqual([]);
    expect(codes(await tenancy.try(UPDATE_USER, enable, by))).toEqual(['FORBIDDEN']);
    // This binds neither signed-in users nor keys without bounds.
    const free = await tenancy.key({ grants: [{ permissions: manages }] });
    expect(codes(await tenancy.try(UPDATE_USER, enable, { apiKey: free.secret }))).toEqual([]);
  });

  test('gives no Keywright permissions through a role that a pending invitation grants', async () => {
    const manager = await tenancy.key({ grants: [{ permissions: MANAGES }], ...BOUNDS });
    const { createRole } = await tenancy.ask<{ createRole: { id: string } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: `Promised ${++made}`, permissions: ['view_customer'] } },
    );
    await tenancy.ask(
      'mutation ($email: String!, $grants: [GrantInput!]!) { inviteUser(email: $email, grants: $grants) { id } }',
      { email: `promised${++made}@example.test`, grants: [{ roleId: createRole.id }] },
    );
    const input = { id: createRole.id, permissions: ['view_customer', 'keywright.keys.write'] };
    const UPDATE_ROLE = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';
    expect(codes(await tenancy.try(UPDATE_ROLE, { input }, { apiKey: manager.secret }))).toEqual([
      'FORBIDDEN',
    ]);
    expect(codes(await tenancy.try(UPDATE_ROLE, { input }))).toEqual([]);
  });

  test('adds nothing to the service account that it inherits from', async () => {
    const account = await tenancy.serviceAccount(ROOT, [{ permissions: MANAGES }]);
    const key = await tenancy.key({ serviceAccountId: account });
    const by = { apiKey: key.secret };
    const { createRole } = await tenancy.ask<{ createRole: { id: string } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: `Follows ${++made}`, permissions: MANAGES } },
    );
    const grants = [{ permissions: MANAGES }, { roleId: createRole.id }];
    const input = { id: account, grants };
    expect(codes(await tenancy.try(UPDATE_ACCOUNT, { input }, by))).toEqual(['FORBIDDEN']);
    const less = { id: account, grants: [{ permissions: MANAGES.slice(0, 3) }] };
    expect(codes(await tenancy.try(UPDATE_ACCOUNT, { input: less }, by))).toEqual([]);
  });

  test('cannot replace a secret with one that was itself replaced, nor issue a key that outlives it', async () => {
    const { regenerateApiKey } = await tenancy.ask<{ regenerateApiKey: { secret: { secret: string } } }>(
      REGENERATE,
      { id: bound.id, overlap: 600 },
    );
    expect(codes(await tenancy.try(REGENERATE, { id: bound.id, overlap: 600 }, as))).toEqual(['FORBIDDEN']);
    expect(codes(await create({ ...BOUNDS, permissions: ['keywright.keys.read'] }))).toEqual(['FORBIDDEN']);
    const fresh = { apiKey: regenerateApiKey.secret.secret };
    expect(codes(await create({ ...BOUNDS, permissions: ['keywright.keys.read'] }, fresh))).toEqual([]);
    expect(codes(await tenancy.try(REGENERATE, { id: bound.id, overlap: 600 }, fresh))).toEqual([]);
  });

  test('cannot combine both halves of a less restricted key with two concurrent requests', async () => {
    for (let round = 0; round < 5; round++) {
      const account = await tenancy.serviceAccount(ROOT, []);
      const input = { id: account, grants: [{ permissions: ['keywright.keys.write'] }] };
      const answers = await Promise.all([
        create({ serviceAccountId: account }),
        tenancy.try(UPDATE_ACCOUNT, { input }, as),
      ]);
      expect(
        answers.flatMap(codes).filter((code) => ['FORBIDDEN', 'CONFLICT', 'GRANT_NOT_HELD'].includes(code)),
      ).toHaveLength(1);
    }
  });
});

test('renaming a key or service account requires everything it holds', async () => {
  const { organization } = await tenancy.branch();
  const permissions = ['keywright.keys.read', 'keywright.keys.write', 'keywright.access.manage'];
  const delegate = await tenancy.member([{ scopeId: organization, permissions }]);
  const grants = [{ scopeId: organization, permissions: ['view_customer'] }];
  const key = await tenancy.key({ grants });
  const account = await tenancy.serviceAccount(organization, grants);
  for (const change of [{ name: 'Another name' }, { description: 'Safe to copy' }]) {
    expect(await update({ id: key.id, ...change }, delegate.credential)).toEqual(['GRANT_NOT_HELD']);
    const input = { id: account, ...change };
    expect(codes(await tenancy.try(UPDATE_ACCOUNT, { input }, delegate.credential))).toEqual([
      'GRANT_NOT_HELD',
    ]);
  }
});
