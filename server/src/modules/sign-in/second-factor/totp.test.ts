import { describe, expect, it } from 'vitest';
import { acceptedStep, base32, codeAt, mintTotpSecret, otpauthUri, stepAt } from './totp.js';

const secret = Buffer.from('12345678901234567890');

describe('a code', () => {
  // RFC 6238, appendix B, SHA-1.
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('at %i s matches RFC 6238', (seconds, code) => {
    expect(codeAt(secret, stepAt(seconds * 1000), 8)).toBe(code);
    expect(codeAt(secret, stepAt(seconds * 1000))).toBe(code.slice(2));
  });

  // RFC 4226, appendix D.
  it.each([
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ])('matches RFC 4226: %s', (code) => {
    const step = Array.from({ length: 10 }, (_, i) => i).find((i) => codeAt(secret, i) === code);
    expect(step).toBeDefined();
  });
});

describe('a submitted code', () => {
  const now = 1_800_000_000_000;
  const step = stepAt(now);

  it('is accepted one step early and one step late, and no further', () => {
    for (const [offset, accepted] of [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      const found = acceptedStep(secret, codeAt(secret, step + offset), now, 0);
      expect(found, String(offset)).toBe(accepted ? step + offset : null);
    }
  });

  it('is accepted only for a step after the last one', () => {
    expect(acceptedStep(secret, codeAt(secret, step), now, step)).toBeNull();
    expect(acceptedStep(secret, codeAt(secret, step), now, step + 1)).toBeNull();
    expect(acceptedStep(secret, codeAt(secret, step), now, step - 1)).toBe(step);
  });

  it.each([
    '',
    '12345',
    '1234567',
    ' 12345',
    '１２３４５６',
    '12345a',
    `${'0'.repeat(6)}\n`,
    '-12345',
    '1e5000',
  ])('is rejected unless it has six digits: %j', (code) => {
    expect(acceptedStep(secret, code, now, 0)).toBeNull();
  });
});

describe('base32', () => {
  // RFC 4648, section 10, without the padding.
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('of %j is %j', (text, encoded) => {
    expect(base32(Buffer.from(text))).toBe(encoded);
  });

  it('of a secret has 32 characters', () => {
    expect(base32(mintTotpSecret())).toMatch(/^[A-Z2-7]{32}$/);
    expect(mintTotpSecret().equals(mintTotpSecret())).toBe(false);
  });
});

it('names account and issuer in the URI, whatever they contain', () => {
  const uri = new URL(otpauthUri(secret, 'ada+x@example.test?secret=A&b#c'));
  expect(uri.protocol).toBe('otpauth:');
  expect(decodeURIComponent(uri.pathname)).toContain('Keywright:ada+x@example.test?secret=A&b#c');
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    issuer: 'Keywright',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});
