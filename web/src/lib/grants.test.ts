import { describe, expect, it } from 'vitest';
import type { GrantFieldsFragment } from '../gql/graphql.js';
import { checkGrants, draftsOf, grantPlace, newGrant, toGrantInputs } from './grants.js';

const acme = { id: 'scp_1', kind: 'CUSTOMER' as const, name: 'Acme' };
const scope = { ...acme, path: [acme] };
const root = { id: 'scp_0', kind: 'ROOT' as const, name: 'Installation', path: [] };
const role = { id: 'rol_1', name: 'Viewer', permissions: ['view_customer'] };
const grants: GrantFieldsFragment[] = [
  { role, permissions: [], scope },
  { role: null, permissions: ['device.read'], scope: root },
];

describe('grants', () => {
  it('are unchanged if nobody edits them', () => {
    expect(toGrantInputs(draftsOf(grants))).toEqual([
      { roleId: 'rol_1', scopeId: 'scp_1' },
      { permissions: ['device.read'] },
    ]);
  });

  it('send a role or permissions, never both', () => {
    const draft = { ...newGrant(scope), roleId: 'rol_1', permissions: ['device.read'] };
    expect(toGrantInputs([draft, { ...draft, source: 'permissions' }])).toEqual([
      { roleId: 'rol_1', scopeId: 'scp_1' },
      { permissions: ['device.read'], scopeId: 'scp_1' },
    ]);
  });

  it('have distinguishable rows', () => {
    expect(newGrant().id).not.toBe(newGrant().id);
  });

  it('need a role or a permission each', () => {
    const empty = newGrant();
    expect(Object.keys(checkGrants([empty, { ...empty, source: 'permissions' }], true))).toEqual([
      'grants.0',
      'grants.1',
    ]);
  });

  it('need a scope from people who hold nothing at the root', () => {
    const draft = { ...newGrant(), roleId: 'rol_1' };
    expect(checkGrants([draft], true)).toEqual({});
    expect(checkGrants([draft], false)).toEqual({ 'grants.0': 'Choose a scope.' });
    expect(checkGrants([{ ...draft, scope }], false)).toEqual({});
  });

  it('show errors of the server in their rows', () => {
    expect(grantPlace('grants.1.roleId')).toBe('grants.1');
    expect(grantPlace('grants[0].scopeId')).toBe('grants.0');
    expect(grantPlace('grants')).toBe('grants');
    expect(grantPlace('name')).toBeNull();
  });
});
