import { describe, expect, it } from 'vitest';
import type { KeyRowFragment } from '../../../gql/graphql.js';
import {
  addressList,
  checkDraft,
  draftOf,
  expiryOf,
  newDraft,
  newLimit,
  placeErrors,
  toCreateInput,
  toUpdateInput,
} from './form-state.js';
import { describeDraft } from './summary.js';

const now = Date.parse('2026-03-04T12:00:00Z');
const key = {
  id: 'key_1',
  version: 3,
  name: 'Billing',
  description: null,
  kind: 'BEARER',
  signatureProfiles: [],
  environment: 'STAGING',
  expiresAt: '2026-04-01T23:59:59.000Z',
  enabled: true,
  locked: false,
  rateLimits: [{ name: 'minute', limit: 10, windowSeconds: 60 }],
  quotas: [{ period: 'MONTH', limit: 900 }],
  allowedCidrs: [],
} as unknown as KeyRowFragment;
const access = {
  ...key,
  narrowed: false,
  serviceAccount: null,
  scope: { id: 'scp_0', kind: 'ROOT' as const, name: 'Installation', path: [] },
  grants: [],
};
const at = { now, mayUseRoot: true };

describe('key form', () => {
  it('starts with the current settings of the key', () => {
    expect(newDraft({ name: 'Nightly' })).toMatchObject({ name: 'Nightly', access: { source: 'own' } });
  });

  it('requires a name, a future date, and limits within the bounds of the server', () => {
    const draft = {
      ...newDraft(),
      expires: true,
      expiresOn: '2026-01-01',
      limits: [newLimit(), newLimit(5, 60), newLimit(5, 31 * 86_400 + 1)],
    };
    expect(Object.keys(checkDraft(draft, at))).toEqual(['name', 'expiresOn', 'limits.2']);
    expect(checkDraft({ ...newDraft(), name: 'x' }, at)).toEqual({});
  });

  it('keeps the exact expiry while its day is unchanged', () => {
    const expiresAt = '2026-04-01T00:30:00.000Z';
    const draft = draftOf({ ...key, expiresAt }, access);
    expect(expiryOf(draft)).toBe(expiresAt);
    expect(expiryOf({ ...draft, expiresOn: '2026-04-02' })).toBe('2026-04-02T23:59:59.000Z');
    expect(expiryOf({ ...draft, expires: false })).toBeNull();
    expect(describeDraft(draft, [])).toContain('until 1 Apr 2026, 00:30:00 UTC');
  });

  it('sends a bare date for a new key, and nothing if it never expires', () => {
    const draft = { ...newDraft(), name: ' A ', expires: true, expiresOn: '2026-05-01' };
    expect(toCreateInput(draft)).toMatchObject({ name: 'A', expiresOn: '2026-05-01' });
    expect(toCreateInput({ ...draft, expires: false })).not.toHaveProperty('expiresOn');
  });

  it('accepts quotas that are whole numbers, and sends those that are filled in', () => {
    const draft = draftOf(key, access);
    expect(draft.quotas).toEqual({ day: null, month: 900 });
    const both = { ...draft, quotas: { day: 50, month: 900 } };
    expect(toCreateInput(both).quotas).toEqual([
      { period: 'DAY', limit: 50 },
      { period: 'MONTH', limit: 900 },
    ]);
    const cleared = { ...draft, quotas: { day: null, month: null } };
    expect(toUpdateInput(cleared, key, access).quotas).toEqual([]);
    const wrong = { ...draft, quotas: { day: 0, month: 2 ** 31 } };
    expect(Object.keys(checkDraft(wrong, { ...at, keptDay: draft.expiresOn }))).toEqual([
      'quotas.day',
      'quotas.month',
    ]);
  });

  it('leaves unedited fields alone', () => {
    expect(toUpdateInput(draftOf(key, access), key, access)).toEqual({ id: 'key_1' });
    const described = { ...draftOf(key, access), description: 'New' };
    expect(toUpdateInput(described, key, access)).toEqual({ id: 'key_1', description: 'New' });
  });

  it('keeps the names of windows, and gives windows of the same length different names', () => {
    const windows = [
      { name: 'burst', limit: 5, windowSeconds: 60 },
      { name: 'minute', limit: 9, windowSeconds: 60 },
    ];
    const limited = { ...key, rateLimits: windows } as unknown as KeyRowFragment;
    const draft = draftOf(limited, access);
    expect(toUpdateInput(draft, limited, access)).toEqual({ id: 'key_1' });
    const more = { ...draft, limits: [...draft.limits, newLimit(1, 60), newLimit(2, 90)] };
    expect(toUpdateInput(more, limited, access).rateLimits?.map(({ name }) => name)).toEqual([
      'burst',
      'minute',
      'minute-2',
      's90',
    ]);
  });

  it('clears the expiry, and moves it to the end of a day', () => {
    expect(toUpdateInput({ ...draftOf(key, access), expires: false }, key, access).expiresAt).toBeNull();
    expect(toUpdateInput({ ...draftOf(key, access), expiresOn: '2026-05-01' }, key, access).expiresAt).toBe(
      '2026-05-01T23:59:59.000Z',
    );
  });

  it('accepts address ranges with any separators', () => {
    expect(addressList('10.0.0.0/8,\n 192.0.2.1 ; 2001:db8::/32')).toEqual([
      '10.0.0.0/8',
      '192.0.2.1',
      '2001:db8::/32',
    ]);
  });

  it('shows errors of the server at their fields', () => {
    const fields = [
      'name',
      'rateLimits.1.limit',
      'rateLimits[0].windowSeconds',
      'allowedCidrs.0',
      'expiresAt',
      'grants.1.scopeId',
      'serviceAccountId',
      'scopeId',
    ];
    expect(Object.keys(placeErrors(fields.map((path) => ({ path, message: 'no' }))))).toEqual([
      'name',
      'limits.1',
      'limits.0',
      'addresses',
      'expiresOn',
      'grants.1',
      'serviceAccount',
      'home',
    ]);
  });
});
