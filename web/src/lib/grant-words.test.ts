import { expect, it } from 'vitest';
import type { GrantFieldsFragment } from '../gql/graphql.js';
import { grantsSummary } from './grant-words.js';

const at = (kind: string, name: string) => ({ id: name, kind, name, path: [] });
const role = (name: string, scope: object) =>
  ({ role: { id: name, name, permissions: [] }, permissions: [], scope }) as unknown as GrantFieldsFragment;

it('shows what is held and where, and how much more', () => {
  const labels = new Map([['view_customer', 'View Customers']]);
  const own = {
    role: null,
    permissions: ['view_customer', 'x'],
    scope: at('ROOT', 'root'),
  } as unknown as GrantFieldsFragment;
  expect(grantsSummary([], labels)).toBe('None');
  expect(grantsSummary([role('Owner', at('ROOT', 'root'))], labels)).toBe('Owner');
  expect(grantsSummary([role('Operator', at('CUSTOMER', 'Acme')), own], labels)).toBe('Operator at Acme +1');
  expect(grantsSummary([own], labels)).toBe('View Customers +1');
});
