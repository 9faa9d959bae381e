import { describe, expect, it } from 'vitest';
import { countFilters, parseListState, toFilter, toQuery, toVariables } from './list-state.js';

const token = `kw_live_${'a'.repeat(50)}`;

describe('list state', () => {
  it('survives a round trip through the URL', () => {
    const query = {
      q: 'billing',
      status: 'expiring',
      env: 'staging',
      permission: 'view_customer',
      account: `sac_${'0'.repeat(26)}`,
      within: `scp_${'1'.repeat(26)}`,
      unused: '30',
      createdFrom: '2026-01-01',
      expiresTo: '2026-12-31',
      sort: 'last_used:desc',
      after: 'abc',
    };
    expect(toQuery(parseListState(query))).toEqual(query);
  });

  it('has an empty query string by default', () => {
    expect(toQuery(parseListState({}))).toEqual({});
  });

  it('ignores unknown parameters', () => {
    const state = parseListState({
      status: 'toString',
      env: 'mars',
      account: 'nobody',
      within: '../x',
      unused: '-3',
      createdFrom: '2026-99-99',
      sort: 'x',
    });
    expect(toQuery({ ...state, sort: parseListState({}).sort })).toEqual({});
  });

  it('keeps a pasted whole token out of the URL, but searches for it', () => {
    const state = { ...parseListState({}), search: ` ${token} ` };
    expect(toQuery(state)).toEqual({});
    expect(toFilter(state).search).toBe(token);
  });

  it('counts expiring keys as active', () => {
    expect(toFilter(parseListState({ status: 'active' })).status).toEqual(['ACTIVE', 'EXPIRING_SOON']);
    expect(toFilter(parseListState({})).status).toBeUndefined();
  });

  it('converts days to whole UTC days', () => {
    expect(toFilter(parseListState({ createdFrom: '2026-01-01', createdTo: '2026-01-02' })).created).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T23:59:59.999Z',
    });
  });

  it('pages backwards with last and before', () => {
    expect(toVariables(parseListState({ before: 'c' }), 50)).toMatchObject({ last: 50, before: 'c' });
    expect(toVariables(parseListState({ after: 'c' }), 50)).toMatchObject({ first: 50, after: 'c' });
  });

  it('counts the active filters', () => {
    expect(
      countFilters(parseListState({ env: 'staging', createdFrom: '2026-01-01', createdTo: '2026-01-02' })),
    ).toBe(2);
  });
});
