import { describe, expect, it } from 'vitest';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { directoryOf, scopeNode } from './access.fixture.js';
import type { GrantHolder, StoredGrant } from './directory.js';
import { effectiveGrants, homeOf, keyAccess, type KeyGrants } from './key-access.js';

const grant = (scopeId: string, ...permissions: string[]): StoredGrant => ({
  scopeId,
  roleId: null,
  permissions,
});
const account = (grants: StoredGrant[], over: Partial<GrantHolder> = {}): GrantHolder => ({
  id: 'sva_1',
  name: 'Provider',
  scopeId: 'org',
  enabled: true,
  version: 1,
  grants,
  ...over,
});
const scopes = [
  scopeNode('cust', 'CUSTOMER'),
  scopeNode('org', 'ORGANIZATION', 'cust'),
  scopeNode('acc', 'ACCOUNT', 'org'),
  scopeNode('other', 'CUSTOMER'),
];
const role = {
  id: 'rol_1',
  name: 'R',
  description: null,
  permissions: ['ticket.read'],
  builtIn: false,
  version: 1,
};
const withAccount = (grants: StoredGrant[], over?: Partial<GrantHolder>) =>
  directoryOf({ scopes, roles: [role], serviceAccounts: [account(grants, over)] });
const key = (over: Partial<KeyGrants> = {}): KeyGrants => ({
  scopeId: 'org',
  serviceAccountId: 'sva_1',
  narrowed: false,
  grants: [],
  ...over,
});

describe('a key of a service account', () => {
  it('inherits everything while it has no grants of its own', () => {
    const directory = withAccount([
      grant('org', 'view_customer'),
      { scopeId: 'acc', roleId: role.id, permissions: [] },
    ]);
    const access = keyAccess(directory, key());
    expect(access.holdsAt('view_customer', 'acc')).toBe(true);
    expect(access.holdsAt('ticket.read', 'acc')).toBe(true);
    expect(access.holdsAt('ticket.read', 'org')).toBe(false);
  });

  it('is narrowed by its own grants, never widened', () => {
    const directory = withAccount([grant('org', 'ticket.*', 'view_customer')]);
    const own = [grant(ROOT_SCOPE.id, 'ticket.read', 'view_invoice')];
    const access = keyAccess(directory, key({ narrowed: true, grants: own }));
    expect(access.entries()).toEqual([{ scopeId: 'org', permissions: ['ticket.read'] }]);
  });

  it('has no permissions when it is narrowed to none', () => {
    const directory = withAccount([grant('org', '*')]);
    expect(keyAccess(directory, key({ narrowed: true })).entries()).toEqual([]);
  });

  it('has no permissions when its service account is unknown', () => {
    expect(keyAccess(directoryOf({ scopes }), key()).entries()).toEqual([]);
  });

  it('follows changes of its service account and of the role of that account immediately', () => {
    const directory = withAccount([{ scopeId: 'org', roleId: role.id, permissions: [] }]);
    const before = directory.epoch;
    expect(keyAccess(directory, key()).holdsAt('ticket.create', 'org')).toBe(false);
    directory.apply({
      scopes: [],
      roles: [{ ...role, permissions: ['ticket.create'] }],
      serviceAccounts: [],
      removed: [],
    });
    expect(directory.epoch).toBeGreaterThan(before);
    expect(keyAccess(directory, key()).holdsAt('ticket.create', 'org')).toBe(true);
    expect(keyAccess(directory, key()).holdsAt('ticket.read', 'org')).toBe(false);
  });

  it.each([
    ['the account is disabled', { enabled: false }, {}],
    ['the API of its organization is off', {}, { org: false }],
    ['the API of the customer above is off', {}, { cust: false }],
  ])('does not work while %s', (_, over, off: Record<string, boolean>) => {
    const switched = scopes.map((node) => ({ ...node, apiEnabled: off[node.id] ?? true }));
    const directory = directoryOf({ scopes: switched, serviceAccounts: [account([], over)] });
    expect(directory.isActive('sva_1')).toBe(false);
    expect(withAccount([]).isActive('sva_1')).toBe(true);
  });
});

describe('"view own" permissions', () => {
  const standalone = (scopeId: string, ...grants: StoredGrant[]): KeyGrants =>
    key({ scopeId, serviceAccountId: null, grants });

  it('count only below the customer of the key', () => {
    const access = keyAccess(
      directoryOf({ scopes }),
      standalone('acc', grant(ROOT_SCOPE.id, 'view_own_customer', 'view_customer')),
    );
    expect(access.holdsAt('view_own_customer', 'org')).toBe(true);
    expect(access.holdsAt('view_own_customer', 'other')).toBe(false);
    expect(access.holdsAt('view_own_customer', ROOT_SCOPE.id)).toBe(false);
    expect(access.holdsAt('view_customer', 'other')).toBe(true);
  });

  it('count nowhere for a key without a customer, nor at the grants of another customer', () => {
    const directory = directoryOf({ scopes });
    const homeless = keyAccess(directory, standalone(ROOT_SCOPE.id, grant('cust', 'view_own_customer')));
    expect(homeless.anywhere.list()).toEqual([]);
    const elsewhere = keyAccess(directory, standalone('other', grant('cust', 'view_own_customer')));
    expect(elsewhere.anywhere.list()).toEqual([]);
  });

  it('are part of Admin, which has no such limit', () => {
    const access = keyAccess(directoryOf({ scopes }), standalone('acc', grant(ROOT_SCOPE.id, '*')));
    expect(access.holdsAt('view_own_customer', 'other')).toBe(true);
  });
});

it('lists what remains of each grant, where, and from which source', () => {
  const directory = withAccount([
    grant('cust', 'view_customer', 'view_invoice'),
    { scopeId: 'acc', roleId: role.id, permissions: [] },
  ]);
  const narrowed = key({ narrowed: true, grants: [grant('org', 'view_customer', 'ticket.read')] });
  expect(effectiveGrants(directory, narrowed)).toEqual([
    { scopeId: 'org', roleId: null, permissions: ['view_customer'], inheritedFromId: 'sva_1' },
    { scopeId: 'acc', roleId: role.id, permissions: ['ticket.read'], inheritedFromId: 'sva_1' },
  ]);
});

it('defaults to the lowest scope above all grants of the key', () => {
  const directory = directoryOf({ scopes });
  expect(homeOf(directory, [])).toBe(ROOT_SCOPE.id);
  expect(homeOf(directory, [grant('acc', 'a')])).toBe('acc');
  expect(homeOf(directory, [grant('acc', 'a'), grant('org', 'a')])).toBe('org');
  expect(homeOf(directory, [grant('acc', 'a'), grant('other', 'a')])).toBe(ROOT_SCOPE.id);
});
