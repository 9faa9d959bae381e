import { describe, expect, it } from 'vitest';
import { newGrant } from '../../lib/grants.js';
import {
  checkDraft,
  draftOf,
  newAccount,
  placeErrors,
  toCreateInput,
  toUpdateInput,
  type ServiceAccountPage,
} from './form-state.js';

const acme = { id: 'scp_1', kind: 'CUSTOMER' as const, name: 'Acme' };
const scope = { ...acme, path: [acme] };
const account = {
  id: 'sac_1',
  name: 'Billing',
  description: null,
  enabled: true,
  scope,
  grants: [{ role: { id: 'rol_1', name: 'Viewer', permissions: [] }, permissions: [], scope }],
} as unknown as ServiceAccountPage;

describe('the form of a service account', () => {
  it('starts with a role at the scope of the account', () => {
    const draft = newAccount(scope);
    expect(draft.grants).toMatchObject([{ source: 'role', scope }]);
    expect(Object.keys(checkDraft(draft, true))).toEqual(['name', 'grants.0']);
  });

  it('cannot be at the root or hold anything there for people who hold nothing there', () => {
    const draft = { ...newAccount(null), name: 'A', grants: [{ ...newGrant(), roleId: 'rol_1' }] };
    expect(checkDraft(draft, true)).toEqual({});
    expect(Object.keys(checkDraft(draft, false))).toEqual(['scopeId', 'grants.0']);
  });

  it('sends no scope for the whole installation', () => {
    const draft = { ...newAccount(null), name: ' A ', grants: [] };
    expect(toCreateInput(draft)).toEqual({ name: 'A', description: null, enabled: true, grants: [] });
    expect(toCreateInput({ ...draft, scope }).scopeId).toBe('scp_1');
  });

  it('leaves unedited grants alone', () => {
    const draft = draftOf(account);
    expect(toUpdateInput({ ...draft, name: 'B' }, account)).not.toHaveProperty('grants');
    expect(toUpdateInput({ ...draft, grants: [] }, account).grants).toEqual([]);
  });

  it('shows errors of the server at their fields', () => {
    const fields = ['name', 'grants.0.roleId'].map((path) => ({ path, message: 'no' }));
    expect(placeErrors(fields)).toEqual({ name: 'no', 'grants.0': 'no' });
  });
});
