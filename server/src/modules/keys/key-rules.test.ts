import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.js';
import { parseCidr } from '@keywright/schema/cidr';
import { InputCheck } from './key-rules.js';

const now = Date.UTC(2027, 0, 1, 12);

function faultsOf(use: (check: InputCheck) => unknown): string[] {
  const check = new InputCheck(now);
  use(check);
  try {
    check.finish();
    return [];
  } catch (error) {
    return (error as AppError).fields!.map((f) => f.path);
  }
}

describe('a name', () => {
  it('is trimmed and can have 50 characters, as people count them', () => {
    const check = new InputCheck(now);
    expect(check.name('  billing export ')).toBe('billing export');
    check.name('😀'.repeat(50));
    check.finish();
  });

  it.each([
    ['nothing', '   '],
    ['51 characters', 'x'.repeat(51)],
    ['10,000 characters', 'x'.repeat(10_000)],
    ['NUL', 'a\0b'],
    ['a line break', 'a\nb'],
    ['half a character', 'a\ud800'],
    ['a right-to-left override', 'a\u202eb'],
    ['a zero-width space', 'a\u200bb'],
  ])('is rejected with %s', (_what, name) => {
    expect(faultsOf((c) => c.name(name))).toEqual(['name']);
  });

  it('can look like HTML: it is shown as text', () => {
    expect(faultsOf((c) => c.name('<b>bold</b>'))).toEqual([]);
  });
});

describe('an expiry', () => {
  it('is unchanged when absent and cleared by null', () => {
    const check = new InputCheck(now);
    expect(check.expiry(undefined, undefined)).toBeUndefined();
    expect(check.expiry(null, undefined)).toBeNull();
    expect(check.expiry(undefined, null)).toBeNull();
  });

  it('is the last second of a bare date', () => {
    expect(new InputCheck(now).expiry(undefined, '2027-01-01')?.toISOString()).toBe(
      '2027-01-01T23:59:59.000Z',
    );
  });

  it('cannot be in the past, or given twice', () => {
    expect(faultsOf((c) => c.expiry(new Date(now), undefined))).toEqual(['expiresAt']);
    expect(faultsOf((c) => c.expiry(new Date(NaN), undefined))).toEqual(['expiresAt']);
    expect(faultsOf((c) => c.expiry(undefined, '2026-12-31'))).toEqual(['expiresOn']);
    expect(faultsOf((c) => c.expiry(new Date(now + 1), '2027-02-01'))).toEqual(['expiresOn']);
  });
});

describe('rate limits', () => {
  it('name the exact member that is wrong', () => {
    const limits = [
      { name: 'minute', limit: 0, windowSeconds: 60 },
      { name: 'minute', limit: 10, windowSeconds: 0 },
      { name: 'Bad Name', limit: 10, windowSeconds: 10 },
    ];
    expect(faultsOf((c) => c.rateLimits(limits))).toEqual([
      'rateLimits.0.limit',
      'rateLimits.1.name',
      'rateLimits.1.windowSeconds',
      'rateLimits.2.name',
    ]);
  });
});

describe('quotas', () => {
  it('name the exact member that is wrong', () => {
    expect(faultsOf((c) => c.quotas([{ period: 'DAY', limit: 2 ** 31 - 1 }]))).toEqual([]);
    expect(
      faultsOf((c) =>
        c.quotas([
          { period: 'DAY', limit: 0 },
          { period: 'MONTH', limit: 2 ** 31 },
          { period: 'DAY', limit: 5 },
        ]),
      ),
    ).toEqual(['quotas.0.limit', 'quotas.1.limit', 'quotas.2.period']);
    expect(
      faultsOf((c) => c.quotas(Array.from({ length: 1000 }, () => ({ period: 'DAY', limit: 1 })))),
    ).toEqual(['quotas.1.period', 'quotas.2.period']);
  });
});

describe('an allowed IP range', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::FFFF:0a00:0001', '10.0.0.1/32'],
    ['0:0:0:0:0:ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:0.0.0.0/96', '0.0.0.0/0'],
  ])('%s is read as %s', (text, canonical) => expect(parseCidr(text)).toBe(canonical));

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '::1/129',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    '0x7f.1',
    'fe80::1%eth0/64',
    '::ffff:10.0.0.0/8',
    '::ffff:a00:0/95',
  ])('%j is rejected', (text) => expect(parseCidr(text)).toBeUndefined());
});
