import { describe, expect, it } from 'vitest';
import { directoryOf } from '../../access/decide/access.fixture.js';
import { keyAccess } from '../../access/decide/key-access.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { keyRecord, type KeyChanges } from '../indexed-key.fixture.js';
import type { Excess } from '../indexed-key.js';
import { bothLimits, boundOf, excessOf, narrow, restrictionOf } from './restriction.js';
import { intersectRanges } from './intersect-ranges.js';

const grant = (...permissions: string[]) => ({ scopeId: ROOT_SCOPE.id, roleId: null, permissions });
const window = (limit: number, windowSeconds = 60) => ({ name: 'minute', limit, windowSeconds });
const limited = (...limits: number[]) => ({ windows: limits.map((limit) => window(limit)), quotas: [] });
const previous = { publicPart: 'aaa', digest: 'd'.repeat(32), pepperId: 1, endsAtMs: 5000 };
const signing = (version: number) => ({
  secret: { sealed: Buffer.from([version]), version },
  previous: null,
});

/** The result of a key change that the database forgets. */
function forgotten(before: KeyChanges, after: KeyChanges) {
  const [older, newer] = [keyRecord(before), keyRecord({ version: 2, ...after })];
  const restriction = JSON.parse(JSON.stringify(restrictionOf(newer, older))) as ReturnType<
    typeof restrictionOf
  >;
  return { older, restriction: boundOf(older, restriction), excess: excessOf(older, restriction) };
}

describe('a change that restricts a key', () => {
  it.each<[Excess, KeyChanges, KeyChanges]>([
    ['REVOKED', {}, { revoked: true }],
    ['DISABLED', {}, { enabled: false }],
    ['SECRET_REPLACED', {}, { publicPart: 'bbb' }],
    ['SECRET_REPLACED', {}, { publicPart: 'bbb', previous }],
    ['SECRET_REPLACED', { publicPart: 'bbb', previous }, { publicPart: 'bbb' }],
    ['SECRET_REPLACED', { signing: signing(1) }, { signing: signing(2) }],
    ['EXPIRY', {}, { expiresAtMs: 1 }],
    ['EXPIRY', { expiresAtMs: 2 }, { expiresAtMs: 1 }],
    ['ACCESS', { grants: [grant('a', 'b')] }, { grants: [grant('a')] }],
    ['ACCESS', { grants: [grant('*')] }, { grants: [grant('a')] }],
    ['ACCESS', { serviceAccountId: 'sva_1' }, { serviceAccountId: 'sva_1', narrowed: true }],
    ['ADDRESSES', {}, { allowedCidrs: ['10.0.0.0/8'] }],
    ['ADDRESSES', { allowedCidrs: ['10.0.0.0/8'] }, { allowedCidrs: ['10.1.0.0/16'] }],
    ['LIMITS', {}, { limits: limited(5) }],
    ['LIMITS', { limits: limited(9) }, { limits: limited(5) }],
    [
      'SIGNATURES',
      { signatureProfiles: ['rfc9421', 'timestamp'] as never },
      { signatureProfiles: ['rfc9421'] as never },
    ],
  ])('is detected as %s, and is enforced', (reason, before, after) => {
    const { older, restriction, excess } = forgotten(before, after);
    expect(excess).toEqual([reason]);
    expect(excessOf(narrow(older, restriction), restriction)).toEqual([]);
  });

  it.each<[string, KeyChanges, KeyChanges]>([
    ['enabling', { enabled: false }, {}],
    ['extending', { expiresAtMs: 1 }, { expiresAtMs: 2 }],
    ['granting', { grants: [grant('a')] }, { grants: [grant('a', 'b')] }],
    ['opening to more addresses', { allowedCidrs: ['10.0.0.0/8'] }, { allowedCidrs: ['0.0.0.0/0'] }],
    ['raising a limit', { limits: limited(5) }, { limits: limited(9) }],
    ['renaming', {}, { name: 'other' }],
  ])('%s does not count', (_, before, after) => expect(forgotten(before, after).excess).toEqual([]));
});

describe('a held key', () => {
  it('can do what both allow', () => {
    const directory = directoryOf();
    const older = keyRecord({ grants: [grant('a', 'b')], allowedCidrs: ['10.0.0.0/8'], limits: limited(9) });
    const newer = keyRecord({
      grants: [grant('b', 'c')],
      allowedCidrs: ['10.1.0.0/16'],
      limits: limited(5),
      expiresAtMs: 7,
    });
    const held = narrow(older, restrictionOf(newer, older));
    expect(keyAccess(directory, held.traits).anywhere.list()).toEqual(['b']);
    expect(held.traits.allowedCidrs).toEqual(['10.1.0.0/16']);
    expect(held.traits.limits).toEqual(limited(5));
    expect(held.expiresAtMs).toBe(7);
  });

  it('cannot be used from any address if the ranges do not overlap', () => {
    const older = keyRecord({ allowedCidrs: ['10.0.0.0/8'] });
    const held = narrow(older, restrictionOf(keyRecord({ allowedCidrs: ['192.0.2.0/24'] })));
    expect(held.traits.allowedCidrs).toEqual(['none']);
  });

  it('keeps an old secret until its overlap ends, and rejects it immediately without one', () => {
    const overlapping = forgotten({}, { publicPart: 'bbb', previous });
    const held = narrow(overlapping.older, overlapping.restriction);
    expect(held.previous).toMatchObject({ publicPart: 'aaa', endsAtMs: 5000 });
    expect([held.publicPart, held.digest]).not.toContain('aaa');
    const replaced = forgotten({}, { publicPart: 'bbb' });
    expect(narrow(replaced.older, replaced.restriction).digest).toBe('');
  });

  it('accepts a secret that was issued since', () => {
    const { restriction } = forgotten({ signing: signing(1) }, { signing: signing(3) });
    const regenerated = keyRecord({ signing: signing(2) });
    expect(narrow(regenerated, restriction).signing).toEqual(regenerated.signing);
    const token = forgotten({}, { publicPart: 'bbb' });
    expect(narrow(keyRecord({ publicPart: 'ccc' }), token.restriction).digest).not.toBe('');
  });
});

describe('the intersection of two range lists', () => {
  it.each<[string[], string[], string[] | undefined]>([
    [[], [], []],
    [[], ['10.0.0.0/8'], ['10.0.0.0/8']],
    [['10.0.0.0/8'], [], ['10.0.0.0/8']],
    [
      ['10.0.0.0/8', '192.0.2.1/32'],
      ['10.2.0.0/16', '192.0.2.0/24'],
      ['10.2.0.0/16', '192.0.2.1/32'],
    ],
    [['2001:db8::/32'], ['2001:db8:1::/48', '10.0.0.0/8'], ['2001:db8:1::/48']],
    [['10.0.0.0/8'], ['11.0.0.0/8'], undefined],
  ])('%j and %j: %j', (own, other, both) => expect(intersectRanges(own, other)).toEqual(both));
});

describe('combined limits', () => {
  const [burst, minute] = [{ ...window(10), name: 'burst' }, window(100)];
  const rules = (...windows: (typeof burst)[]) => ({ windows, quotas: [] });

  it.each([
    ['no others', [burst, minute], [], [burst, minute]],
    ['the same value', [burst, minute], [burst, minute], [burst, minute]],
    ['one of two', [minute, burst], [minute], [minute, burst]],
    ['a lower one', [burst, minute], [{ ...minute, limit: 5 }], [{ ...minute, limit: 5 }]],
    ['the lowest of several', [minute], [minute, burst], [burst]],
    [
      'one of another length and the same name',
      [burst],
      [{ ...burst, windowSeconds: 1 }],
      [burst, { name: 'burst-2', limit: 10, windowSeconds: 1 }],
    ],
  ])('are never looser than either, with several windows of one length: %s', (_, own, other, both) => {
    expect(bothLimits(rules(...own), rules(...other))).toEqual(rules(...both));
  });
});

it('a key held to no address exceeds no restriction', () => {
  const { older, restriction } = forgotten(
    { allowedCidrs: ['10.0.0.0/8'] },
    { allowedCidrs: ['192.0.2.0/24'] },
  );
  const held = narrow(older, restriction);
  expect(excessOf(held, restriction)).toEqual([]);
});
