import { expect, it } from 'vitest';
import { directoryOf, scopeNode } from './access.fixture.js';
import { accessExcessOf, accessRestrictionOf, holdContent, isWorthRemembering } from './access-hold.js';
import type { GrantHolder, StoredGrant } from './directory.js';
import type { Role } from './role.js';

const grant = (permissions: string[], scopeId = 'a'): StoredGrant => ({ scopeId, roleId: null, permissions });
const account = (over: Partial<GrantHolder> = {}): GrantHolder => ({
  id: 'sva_1',
  name: 'Provider',
  scopeId: 'org',
  enabled: true,
  version: 1,
  grants: [grant(['read', 'write'])],
  ...over,
});
const role = (permissions: string[]): Role => ({
  id: 'rol_1',
  name: 'Reader',
  description: null,
  permissions,
  builtIn: false,
  version: 1,
});
const held = (entry: GrantHolder | Role | ReturnType<typeof scopeNode>, was: typeof entry) => {
  const restriction = accessRestrictionOf(was);
  const excess = accessExcessOf(entry, restriction);
  const empty = { scopes: [], roles: [], serviceAccounts: [] };
  const kind = 'grants' in entry ? 'serviceAccounts' : 'permissions' in entry ? 'roles' : 'scopes';
  const content = holdContent({ ...empty, [kind]: [entry] }, [{ targetId: entry.id, restriction, excess }]);
  const [result] = [...content.scopes, ...content.roles, ...content.serviceAccounts];
  return { excess, result: result!, again: accessExcessOf(result!, JSON.parse(JSON.stringify(restriction))) };
};

it.each([
  ['DISABLED', account(), account({ enabled: false })],
  ['ACCESS', account(), account({ grants: [grant(['read'])] })],
  ['ACCESS', account(), account({ grants: [] })],
  ['ACCESS', account(), account({ grants: [grant(['read', 'write'], 'below')] })],
  ['ACCESS', role(['read', 'write']), role(['read'])],
  ['ACCESS', role(['*']), role(['customer.*'])],
  ['API_DISABLED', scopeNode('a', 'CUSTOMER'), scopeNode('a', 'CUSTOMER', undefined, { apiEnabled: false })],
  ['MOVED', scopeNode('o', 'ORGANIZATION', 'a'), scopeNode('o', 'ORGANIZATION', 'b')],
] as const)('%s: access that the database would reopen is held, once', (reason, now, was) => {
  const { excess, result, again } = held(now, was);
  expect(excess).toEqual([reason]);
  expect(result.held).toEqual([reason]);
  expect(again).toEqual([]);
});

it.each([
  [account({ enabled: false }), account()],
  [account({ grants: [grant(['read'])] }), account()],
  [role(['customer.read']), role(['customer.*'])],
  [scopeNode('a', 'CUSTOMER', undefined, { apiEnabled: false }), scopeNode('a', 'CUSTOMER')],
] as const)('changes that grant nothing more are not held', (now, was) => {
  expect(held(now, was).excess).toEqual([]);
});

it('remembers entries that were changed or are closed', () => {
  expect([account(), role(['*']), scopeNode('a', 'CUSTOMER')].map(isWorthRemembering)).toEqual([
    false,
    false,
    false,
  ]);
  expect(
    [
      account({ version: 2 }),
      account({ enabled: false }),
      scopeNode('a', 'CUSTOMER', undefined, { apiEnabled: false }),
    ].map(isWorthRemembering),
  ).toEqual([true, true, true]);
});

it('counts above a scope with a held move only the ancestors common to both places, and every API switch', () => {
  const scopes = [
    scopeNode('a', 'CUSTOMER'),
    scopeNode('b', 'CUSTOMER', undefined, { apiEnabled: false }),
    scopeNode('o', 'ORGANIZATION', 'a', { heldUnder: ['b'] }),
    scopeNode('lost', 'ORGANIZATION', 'a', { heldUnder: ['c'] }),
    scopeNode('x', 'ACCOUNT', 'o'),
  ];
  const directory = directoryOf({ scopes });
  const { tree } = directory;
  const above = (id: string): string[] => tree.pathOf(id).map((node) => node.name);
  expect(above('x')).toEqual(['scp_00000000000000000000000000', 'o', 'x']);
  expect(above('lost')).toEqual(['scp_00000000000000000000000000', 'lost']);
  expect(tree.isWithin('x', 'a')).toBe(false);
  expect(tree.apiActive('x')).toBe(false);
  expect(tree.customerOf('x')).toBe('a');
});
