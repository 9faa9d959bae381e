import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codes } from '../../support/peers/graphql.js';
import { Tenancy, type Member } from '../../support/seed/tenancy.js';

const UPDATE_USER = 'mutation ($input: UpdateUserInput!) { updateUser(input: $input) { id } }';
const UPDATE_ROLE = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';
const CREATE_ROLE = 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }';
const UPDATE_SCOPE = 'mutation ($input: UpdateScopeInput!) { updateScope(input: $input) { id } }';
const CREATE_KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
const LINK = 'mutation ($id: ID!) { issuePasswordLink(userId: $id) { passwordLink { url } } }';
const CHOOSE =
  'mutation ($token: String!) { choosePassword(token: $token, password: "a password of the thief") { session { token } } }';

let tenancy: Tenancy;
let mine: { customer: string; organization: string; account: string };
let other: { customer: string; organization: string; account: string };
let admin: Member;
beforeAll(async () => {
  tenancy = await Tenancy.shared();
  [mine, other] = [await tenancy.branch(), await tenancy.branch()];
  const roleId = await tenancy.role('Organization Administrator');
  admin = await tenancy.member([{ scopeId: mine.organization, roleId }]);
});
afterAll(() => tenancy.stop());

const createRole = async (permissions: string[]): Promise<string> =>
  (
    await tenancy.ask<{ createRole: { id: string } }>(CREATE_ROLE, {
      input: { name: `Role ${Math.random()}`, permissions },
    })
  ).createRole.id;

test('a link to choose a password becomes invalid when its user gains permissions or is disabled', async () => {
  for (const change of [{ grants: [{ permissions: ['*'] }] }, { enabled: false }]) {
    const grants = [{ scopeId: mine.organization, permissions: ['view_customer'] }];
    const { id } = await tenancy.member(grants);
    const { issuePasswordLink } = await tenancy.ask<{ issuePasswordLink: { passwordLink: { url: string } } }>(
      LINK,
      { id },
      admin.credential,
    );
    await tenancy.ask(UPDATE_USER, { input: { id, ...change } });
    const token = issuePasswordLink.passwordLink.url.split('#token=')[1];
    expect(codes(await tenancy.try(CHOOSE, { token }, {}))).toEqual(['FORBIDDEN']);
    await tenancy.ask(UPDATE_USER, { input: { id, enabled: false } });
  }
});

test('a key created in a session cannot do to its own user what the session cannot', async () => {
  const { viewer } = await tenancy.ask<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const apiKey = (await tenancy.key({ permissions: ['*'] })).secret;
  for (const query of [LINK, 'mutation ($id: ID!) { resetTwoFactor(userId: $id) { id } }']) {
    expect(codes(await tenancy.try(query, { id: viewer.user.id }, { apiKey }))).toEqual(['FORBIDDEN']);
    expect(codes(await tenancy.try(query, { id: viewer.user.id }))).toEqual(['FORBIDDEN']);
  }
});

test('nobody moves a scope to where they hold more than at the scope', async () => {
  const { credential } = await tenancy.member([
    { scopeId: mine.customer, permissions: ['keywright.access.manage'] },
    { scopeId: other.customer, roleId: await tenancy.role('Customer Administrator') },
  ]);
  const input = { id: mine.organization, parentId: other.customer };
  expect(codes(await tenancy.try(UPDATE_SCOPE, { input }, credential))).toEqual(['GRANT_NOT_HELD']);
});

test('changing a role requires every permission that is added or removed, and the last owner stays', async () => {
  const roleId = await createRole(['*']);
  const { viewer } = await tenancy.ask<{ viewer: { user: { id: string } } }>('{ viewer { user { id } } }');
  const second = await tenancy.member([{ roleId }]);
  await tenancy.ask(UPDATE_USER, { input: { id: viewer.user.id, grants: [{ roleId }] } }, second.credential);
  const manager = await tenancy.member([{ roleId: await tenancy.role('Admin') }]);
  const emptied = { input: { id: roleId, permissions: [] } };
  expect(codes(await tenancy.try(UPDATE_ROLE, emptied, manager.credential))).toEqual(['GRANT_NOT_HELD']);
  expect(codes(await tenancy.try(UPDATE_ROLE, emptied))).toEqual(['CONFLICT']);
  const owner = [{ roleId: await tenancy.role('Owner') }];
  await tenancy.ask(UPDATE_USER, { input: { id: viewer.user.id, grants: owner } }, second.credential);
});

test('renaming a role requires everything in it', async () => {
  const roleId = await createRole(['view_customer', 'view_invoice']);
  const grants = [{ permissions: ['keywright.access.manage', 'view_customer'] }];
  const manager = await tenancy.member(grants);
  for (const name of ['Boss', 'BOSS']) {
    const input = { input: { id: roleId, name } };
    expect(codes(await tenancy.try(UPDATE_ROLE, input, manager.credential))).toEqual(['GRANT_NOT_HELD']);
    await tenancy.ask(UPDATE_ROLE, input);
  }
  const described = { input: { id: roleId, description: 'Told anew' } };
  expect(codes(await tenancy.try(UPDATE_ROLE, described, manager.credential))).toEqual([]);
});

test('a key or service account holds nothing that those who manage access could not see', async () => {
  const { credential } = await tenancy.member([
    { scopeId: mine.organization, roleId: await tenancy.role('Organization Administrator') },
    { scopeId: other.organization, roleId: await tenancy.role('Viewer') },
  ]);
  const grants = [{ scopeId: other.organization, permissions: ['keywright.keys.read'] }];
  const key = { name: 'Planted', scopeId: mine.organization, grants };
  expect(codes(await tenancy.try(CREATE_KEY, { input: key }, credential))).toEqual(['FORBIDDEN']);
  const account = { name: 'Planted', scopeId: mine.organization, grants };
  const CREATE =
    'mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id } }';
  expect(codes(await tenancy.try(CREATE, { input: account }, credential))).toEqual(['FORBIDDEN']);
});

test('a change that waited is not applied with outdated rights', async () => {
  const victim = await tenancy.member([{ scopeId: mine.organization, permissions: ['view_customer'] }]);
  const roleId = await tenancy.role('Organization Administrator');
  const delegate = await tenancy.member([{ scopeId: mine.organization, roleId }]);
  const lock = new pg.Client({ connectionString: tenancy.database.url });
  await lock.connect();
  try {
    await lock.query('begin');
    await lock.query('select 1 from app_user where id = $1 for update', [victim.id]);
    const grants = [{ scopeId: mine.organization, roleId }];
    const waiting = tenancy.try(UPDATE_USER, { input: { id: victim.id, grants } }, delegate.credential);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await tenancy.ask(UPDATE_USER, { input: { id: delegate.id, grants: [] } });
    await lock.query('commit');
    expect(codes(await waiting)).toEqual(['CONFLICT']);
  } finally {
    await lock.end();
  }
});

test('a role granted only to a revoked key can be deleted', async () => {
  const roleId = await createRole(['view_customer']);
  const { id } = await tenancy.key({ grants: [{ roleId }] });
  const DELETE = 'mutation ($id: ID!) { deleteRole(id: $id) }';
  expect(codes(await tenancy.try(DELETE, { id: roleId }))).toEqual(['CONFLICT']);
  await tenancy.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', { id });
  await tenancy.ask(DELETE, { id: roleId });
});

test('text that cannot be stored is rejected or finds nothing, wherever it is used', async () => {
  for (const bad of ['a\0b', '\ud800']) {
    const answers = await Promise.all([
      tenancy.try(
        'query ($t: String) { scopes(search: $t) { id } scopesConnection(search: $t) { totalCount } }',
        { t: bad },
      ),
      tenancy.try('query ($t: ID) { scopes(parentId: $t) { id } scope(id: "x") { id } }', { t: bad }),
      tenancy.try(
        'query ($t: String) { serviceAccounts(search: $t) { totalCount } users(search: $t) { id } }',
        { t: bad },
      ),
      tenancy.try('query ($t: ID) { serviceAccounts(scopeId: $t) { totalCount } }', { t: bad }),
      ...['serviceAccountId', 'scopeId', 'withinScopeId'].map((member) =>
        tenancy.try(
          'query ($f: ApiKeyFilter) { apiKeys(filter: $f) { totalCount } apiKeyCounts(filter: $f) { total } }',
          {
            f: { [member]: bad },
          },
        ),
      ),
      tenancy.try(CREATE_ROLE, { input: { name: bad, permissions: [bad] } }),
      tenancy.try(UPDATE_SCOPE, { input: { id: mine.account, name: bad } }),
      tenancy.try('mutation ($t: String!) { deletePermission(name: $t) }', { t: bad }),
      tenancy.try('mutation ($t: String!) { inviteUser(email: $t, name: $t, grants: []) { id } }', {
        t: bad,
      }),
    ]);
    for (const answer of answers) {
      expect(['', 'BAD_USER_INPUT', 'NOT_FOUND']).toContain(codes(answer)[0] ?? '');
    }
  }
});

test('concurrent moves back and forth end in conflicts at worst, and the tree stays intact', async () => {
  const accounts = await Promise.all(
    Array.from({ length: 6 }, () => tenancy.scope('ACCOUNT', mine.organization)),
  );
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, i) =>
      i % 4 === 0
        ? tenancy.try(UPDATE_SCOPE, {
            input: { id: mine.organization, parentId: i % 8 ? other.customer : mine.customer },
          })
        : tenancy.try(UPDATE_SCOPE, {
            input: { id: accounts[i % 6], parentId: i % 2 ? other.organization : mine.organization },
          }),
    ),
  );
  expect(answers.flatMap(codes).filter((code) => code !== 'CONFLICT')).toEqual([]);
  const broken = await tenancy.database.query(
    `select s.id from scope s join scope p on p.id = s.parent_id where s.path is distinct from p.path || s.id`,
  );
  expect(broken).toEqual([]);
});

test('many deletions at once delay nobody else', async () => {
  const provider = await tenancy.serviceAccount(mine.organization, []);
  const deletes = Array.from({ length: 40 }, () =>
    tenancy.try('mutation ($id: ID!) { deleteServiceAccount(id: $id) }', { id: provider }),
  );
  const answers = await Promise.all(deletes);
  expect(answers.flatMap(codes).filter((code) => code !== 'NOT_FOUND')).toEqual([]);
  expect(answers.filter((answer) => codes(answer).length === 0)).toHaveLength(1);
});
