import { describe, expect, it } from 'vitest';
import { newGrant } from '../../../lib/grants.js';
import {
  accessOf,
  checkAccess,
  newAccess,
  toCreateAccess,
  toUpdateAccess,
  type KeyAccess,
} from './access-draft.js';

const name = (id: string) => ({ id, kind: 'CUSTOMER' as const, name: id });
const acme = { ...name('acme'), path: [name('acme')] };
const globex = { ...name('globex'), path: [name('globex')] };
const root = { id: 'root', kind: 'ROOT' as const, name: 'Installation', path: [] };
const account = { id: 'sac_1', name: 'Billing', enabled: true, permissions: ['view_invoice'], scope: acme };
const grant = (scope: KeyAccess['scope'], ...permissions: string[]) => ({
  scope,
  permissions,
  role: null,
  inheritedFrom: null,
});
const key = (over: Partial<KeyAccess>): KeyAccess =>
  ({ id: 'key_1', narrowed: false, scope: root, serviceAccount: null, grants: [], ...over }) as KeyAccess;

describe('the rights of a new key', () => {
  it('apply to the whole installation, or at each selected scope', () => {
    const access = { ...newAccess(), permissions: ['device.read'] };
    expect(toCreateAccess(access)).toEqual({ grants: [{ permissions: ['device.read'] }] });
    expect(toCreateAccess({ ...access, scopes: [acme, globex], home: acme })).toEqual({
      grants: [
        { permissions: ['device.read'], scopeId: 'acme' },
        { permissions: ['device.read'], scopeId: 'globex' },
      ],
      scopeId: 'acme',
    });
  });

  it('are an empty list, never omitted, if nothing is selected', () => {
    expect(toCreateAccess(newAccess())).toEqual({ grants: [] });
  });

  it('are inherited from a service account, in full or narrowed; the key gets its scope', () => {
    const access = newAccess(null, account);
    expect(toCreateAccess(access)).toEqual({ serviceAccountId: 'sac_1' });
    expect(toCreateAccess({ ...access, narrowed: true, home: acme })).toEqual({
      serviceAccountId: 'sac_1',
      grants: [],
    });
  });

  it('need a service account, and a scope from people who hold nothing at the root', () => {
    expect(checkAccess({ ...newAccess(), source: 'account' }, true)).toHaveProperty('serviceAccount');
    const access = { ...newAccess(), permissions: ['device.read'] };
    expect(checkAccess(access, true)).toEqual({});
    expect(checkAccess(access, false)).toHaveProperty('scopes');
    expect(
      checkAccess({ ...access, source: 'account', serviceAccount: account, narrowed: true }, false),
    ).toEqual({});
  });
});

describe('the rights of an edited key', () => {
  it('are shown as one choice if every scope has the same permissions', () => {
    const access = accessOf(key({ grants: [grant(acme, 'b', 'a'), grant(globex, 'a', 'b')], scope: acme }));
    expect(access).toMatchObject({
      shape: 'same',
      permissions: ['b', 'a'],
      scopes: [acme, globex],
      home: acme,
    });
  });

  it('are shown row by row if they differ, or come from a role', () => {
    expect(accessOf(key({ grants: [grant(acme, 'a'), grant(globex, 'b')] })).rows).toHaveLength(2);
    const role = { id: 'rol_1', name: 'Viewer', permissions: ['a'] };
    expect(accessOf(key({ grants: [{ ...grant(acme), role }] })).shape).toBe('rows');
    expect(accessOf(key({ grants: [grant(root, 'a'), grant(acme, 'a')] })).shape).toBe('rows');
  });

  it('omit inherited permissions', () => {
    const inherited = { ...grant(acme, 'view_invoice'), inheritedFrom: { id: 'sac_1', name: 'Billing' } };
    const access = accessOf(
      key({ serviceAccount: account, narrowed: true, grants: [grant(root, 'a'), inherited] }),
    );
    expect(access).toMatchObject({ source: 'account', shape: 'same', permissions: ['a'], scopes: [] });
  });

  it('are sent only if edited', () => {
    const before = accessOf(key({ grants: [grant(acme, 'a')] }));
    expect(toUpdateAccess(before, before)).toEqual({});
    expect(toUpdateAccess({ ...before, permissions: [] }, before)).toEqual({ grants: [] });
    const rows = [{ ...newGrant(acme), roleId: 'rol_1' }];
    expect(toUpdateAccess({ ...before, shape: 'rows', rows }, before)).toEqual({
      grants: [{ roleId: 'rol_1', scopeId: 'acme' }],
    });
  });

  it('are inherited in full again when narrowing ends', () => {
    const before = accessOf(key({ serviceAccount: account, narrowed: true, grants: [grant(root, 'a')] }));
    expect(toUpdateAccess({ ...before, narrowed: false }, before)).toEqual({ grants: null });
    expect(toUpdateAccess({ ...before, permissions: [] }, before)).toEqual({ grants: [] });
  });
});
