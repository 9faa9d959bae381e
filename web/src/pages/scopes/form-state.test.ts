import { describe, expect, it } from 'vitest';
import type { ScopeRowFragment } from '../../gql/graphql.js';
import { checkDraft, draftOf, latestJoin, toCreateInput, toUpdateInput } from './form-state.js';

const today = '2026-03-04';
const acme = {
  id: 'scp_1',
  kind: 'CUSTOMER',
  name: 'Acme',
  email: 'it@acme.test',
  joinedOn: '2020-01-01',
  apiEnabled: true,
} as ScopeRowFragment;

describe('the form of a scope', () => {
  it('requires an address and a date of customers only', () => {
    const empty = { ...draftOf(undefined, today), joinedOn: '' };
    expect(Object.keys(checkDraft(empty, 'CUSTOMER', today))).toEqual(['name', 'email', 'joinedOn']);
    expect(Object.keys(checkDraft(empty, 'ORGANIZATION', today))).toEqual(['name']);
    expect(checkDraft(draftOf(acme, today), 'CUSTOMER', today)).toEqual({});
  });

  it('accepts no join date after today in UTC, except one already stored', () => {
    const tomorrow = '2026-03-05';
    const late = { ...acme, joinedOn: tomorrow };
    const check = (scope: typeof acme, joinedOn: string): string[] =>
      Object.keys(checkDraft({ ...draftOf(scope, today), joinedOn }, 'CUSTOMER', latestJoin(scope, today)));
    expect(check(acme, today)).toEqual([]);
    expect(check(acme, tomorrow)).toEqual(['joinedOn']);
    expect(check(late, tomorrow)).toEqual([]);
    expect(check(late, '2026-03-06')).toEqual(['joinedOn']);
  });

  it('starts with today, and with the API off', () => {
    const draft = { ...draftOf(undefined, today), name: ' Acme ', email: ' it@acme.test ' };
    expect(toCreateInput(draft, 'CUSTOMER', undefined)).toEqual({
      kind: 'CUSTOMER',
      name: 'Acme',
      email: 'it@acme.test',
      joinedOn: today,
      apiEnabled: false,
    });
  });

  it('sends neither the switch nor customer fields for accounts', () => {
    const draft = { ...draftOf(undefined, today), name: 'Berlin', apiEnabled: true };
    expect(toCreateInput(draft, 'ACCOUNT', 'scp_2')).toEqual({
      kind: 'ACCOUNT',
      name: 'Berlin',
      apiEnabled: false,
      parentId: 'scp_2',
    });
  });

  it('sends the limit of a customer only if it changed, and null if it was cleared', () => {
    const limited = { ...acme, maximumKeys: 7 };
    const draft = draftOf(limited, today);
    expect(toUpdateInput(draft, limited)).toEqual({ id: 'scp_1' });
    expect(toUpdateInput({ ...draft, maximumKeys: '0' }, limited)).toEqual({ id: 'scp_1', maximumKeys: 0 });
    expect(toUpdateInput({ ...draft, maximumKeys: ' ' }, limited)).toEqual({
      id: 'scp_1',
      maximumKeys: null,
    });
    for (const maximumKeys of ['-1', '1.5', 'ten', '3000000000']) {
      expect(Object.keys(checkDraft({ ...draft, maximumKeys }, 'CUSTOMER', today))).toEqual(['maximumKeys']);
    }
  });

  it('keeps the switch and the parent when something else changes', () => {
    expect(toUpdateInput({ ...draftOf(acme, today), name: 'Acme Ltd' }, acme)).toEqual({
      id: 'scp_1',
      name: 'Acme Ltd',
    });
  });
});
