import { describe, expect, it } from 'vitest';
import type { UserRowFragment } from '../../gql/graphql.js';
import { checkDraft, draftOf, toInvitation, toUpdateInput } from './form-state.js';

const root = { id: 'scp_root', kind: 'ROOT', name: 'root', path: [] };
const user = {
  id: 'usr_1',
  email: 'a@example.test',
  name: 'Ada',
  grants: [{ role: { id: 'rol_1', name: 'Owner', permissions: ['*'] }, permissions: ['*'], scope: root }],
} as unknown as UserRowFragment;

describe('user form', () => {
  it('requires an address and a role, but no name, to invite somebody', () => {
    expect(Object.keys(checkDraft(draftOf(undefined), true, true)).sort()).toEqual(['email', 'grants.0']);
    const draft = { ...draftOf(user), name: '' };
    expect(checkDraft(draft, true, true)).toEqual({});
    expect(Object.keys(checkDraft(draft, false, true))).toEqual(['name']);
  });

  it('trims texts in an invitation', () => {
    const draft = { ...draftOf(user), email: ' b@example.test ', name: ' ' };
    expect(toInvitation(draft)).toEqual({
      email: 'b@example.test',
      name: null,
      grants: [{ roleId: 'rol_1' }],
    });
  });

  it('sends grants only if they changed', () => {
    expect(toUpdateInput({ ...draftOf(user), name: 'Eve' }, user)).toEqual({ id: 'usr_1', name: 'Eve' });
    expect(toUpdateInput({ ...draftOf(user), grants: [] }, user).grants).toEqual([]);
  });
});
