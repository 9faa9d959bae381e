import { describe, expect, it } from 'vitest';
import { IpRanges, normalizeAddress } from './ip-ranges.js';

describe('IpRanges', () => {
  it('allows any address, even an unknown one, without ranges', () => {
    expect(new IpRanges([]).allows('203.0.113.9')).toBe(true);
    expect(new IpRanges([]).allows(null)).toBe(true);
  });

  it.each([
    ['203.0.113.0/24', '203.0.113.9', true],
    ['203.0.113.0/24', '203.0.114.9', false],
    ['203.0.113.9', '203.0.113.9', true],
    ['203.0.113.9', '203.0.113.8', false],
    ['203.0.113.0/24', '::ffff:203.0.113.9', true],
    ['203.0.113.0/24', '::ffff:cb00:7109', true],
    ['::ffff:203.0.113.0/120', '203.0.113.9', true],
    ['::ffff:203.0.113.0/120', '203.0.112.9', false],
    ['::ffff:a00:0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '::ffff:10.1.2.3', true],
    ['2001:db8::/32', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['203.0.113.0/24', '203.0.113.9:51234', true],
    ['2001:db8::/32', '[2001:db8::1]:443', true],
    ['2001:db8::/32', '[2001:db9::1]:443', false],
  ])('%s with %s: %s', (range, ip, allowed) => {
    expect(new IpRanges([range]).allows(ip)).toBe(allowed);
  });

  it.each(['', 'garbage', '203.0.113.0/33', '203.0.113.0/x', '203.0.113.0/24/1', '::ffff:203.0.113.0/24'])(
    'allows nothing if %j cannot be parsed',
    (range) => {
      expect(new IpRanges([range]).allows('203.0.113.9')).toBe(false);
    },
  );

  it('rejects an unknown address if there are ranges', () => {
    const ranges = new IpRanges(['203.0.113.0/24']);
    for (const ip of [null, '', 'unknown', '203.0.113', '203.0.113.9 ', '0xcb.0.113.9']) {
      expect(ranges.allows(ip)).toBe(false);
    }
  });
});

describe('normalizeAddress', () => {
  it('returns one canonical form', () => {
    expect(normalizeAddress('::FFFF:127.0.0.1')).toBe('127.0.0.1');
    expect(normalizeAddress('2001:DB8:0:0::1')).toBe('2001:db8::1');
    expect(normalizeAddress('nonsense')).toBeUndefined();
  });
});

describe('normalizeAddress', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:51234', '203.0.113.9'],
    ['203.0.113.9:0', '203.0.113.9'],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[fe80::1%eth0]:65535', 'fe80::1'],
    ['[::ffff:203.0.113.9]:443', '203.0.113.9'],
    // Without brackets, a port cannot be told from a part of the address.
    ['2001:db8::1:443', '2001:db8::1:443'],
  ])('reads %s as %s', (text, address) => expect(normalizeAddress(text)).toBe(address));

  it.each([
    '',
    '203.0.113.9:',
    '203.0.113.9:65536',
    '203.0.113.9:x',
    '203.0.113.9:1:2',
    '203.0.113.9:+1',
    ' 203.0.113.9',
    '203.0.113.9 ',
    '[203.0.113.9]:80',
    '[2001:db8::1',
    '2001:db8::1]:443',
    '[2001:db8::1]443',
    '[[2001:db8::1]]',
    '[]:443',
    '"[2001:db8::1]:443"',
    'localhost:443',
    'unknown',
    '_hidden',
    `fe80::1%${'z'.repeat(5000)}`,
  ])('rejects %j', (text) => expect(normalizeAddress(text)).toBeUndefined());
});
