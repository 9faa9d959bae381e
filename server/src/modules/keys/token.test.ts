import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS } from '@keywright/schema/environment';
import { maskToken } from '@keywright/schema/mask-token';
import { digestToken, fingerprintOf, mintToken, parseToken } from './token.js';

describe('a bearer token', () => {
  it.each(ENVIRONMENTS)('is read back as minted for %s', (environment) => {
    const minted = mintToken('kw', environment);
    expect(parseToken('kw', minted.token)).toEqual(minted);
  });

  it('names its environment in the prefix', () => {
    expect(mintToken('kw', 'PRODUCTION').token).toMatch(/^kw_live_[0-9A-Za-z]{50}$/);
    expect(mintToken('kw', 'STAGING').token).toMatch(/^kw_stag_/);
    expect(mintToken('acme', 'DEVELOPMENT').token).toMatch(/^acme_dev_/);
  });

  it('never repeats', () => {
    const tokens = Array.from({ length: 1000 }, () => mintToken('kw', 'PRODUCTION').token);
    expect(new Set(tokens).size).toBe(1000);
  });

  it('draws each character of the alphabet about equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      for (const c of mintToken('kw', 'PRODUCTION').token.slice(8, 52)) {
        counts.set(c, (counts.get(c) ?? 0) + 1);
      }
    }
    const expected = (2000 * 44) / 62;
    expect(counts.size).toBe(62);
    for (const n of counts.values()) expect(Math.abs(n - expected) / expected).toBeLessThan(0.2);
  });

  it('is rejected after any single character was changed, added or removed', () => {
    const { token } = mintToken('kw', 'PRODUCTION');
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ maxLength: 3 }), (at, replacement) => {
        const changed = token.slice(0, at) + replacement + token.slice(at + 1);
        if (changed !== token) expect(parseToken('kw', changed)).toBeUndefined();
      }),
    );
  });

  const { token } = mintToken('kw', 'PRODUCTION');
  it.each([
    ['a trailing space', `${token} `],
    ['a leading space', ` ${token}`],
    ['a newline', `${token}\n`],
    ['NUL', `${token}\0`],
    ['a zero-width space', `${token}\u200b`],
    ['a look-alike letter', token.replace('w', 'ѡ')],
    ['uppercase', token.toUpperCase()],
    ['another brand', token.replace('kw_', 'xx_')],
    ['another environment', token.replace('live', 'stag')],
    ['an injection', `' or 1=1 --`],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['nothing', ''],
  ])('is rejected with %s', (_what, text) => {
    expect(parseToken('kw', text)).toBeUndefined();
  });

  it('shows only prefix and tail when masked', () => {
    expect(maskToken('kw_live_abcdefghijkla1B2')).toBe('kw_live_…a1B2');
  });

  it('has a digest that depends on the pepper, and a fingerprint that is half of it', () => {
    const a = digestToken(Buffer.alloc(32, 1), token);
    const b = digestToken(Buffer.alloc(32, 2), token);
    expect(a).toHaveLength(32);
    expect(a.equals(b)).toBe(false);
    expect(fingerprintOf(a).equals(a.subarray(0, 16))).toBe(true);
  });
});
