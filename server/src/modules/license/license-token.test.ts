import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LicenseFault, openLicense } from './license-token.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const LICENSE = { holder: 'Example GmbH', maximumKeys: 25, validUntil: '2031-01-01T00:00:00Z' };

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function issue(payload: unknown, header: unknown = { alg: 'EdDSA' }, key: KeyObject = privateKey): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}
const refusal = (token: string): string => {
  try {
    openLicense(token, publicKey);
  } catch (error) {
    expect(error).toBeInstanceOf(LicenseFault);
    return (error as LicenseFault).message;
  }
  return 'it was opened';
};

describe('a license', () => {
  it.each([
    ['with an expiry', LICENSE, new Date('2031-01-01T00:00:00Z')],
    ['without an expiry', { ...LICENSE, validUntil: null }, null],
    [
      'as other JSON writers put it',
      `{ "holder": "Example GmbH",\n "maximumKeys": 25, "validUntil": null }`,
      null,
    ],
    [
      'for a holder whose name looks like a JSON member',
      { ...LICENSE, holder: '"a": \\' },
      new Date(LICENSE.validUntil),
    ],
  ])('is accepted %s', (_, payload, validUntil) => {
    expect(openLicense(issue(payload), publicKey)).toMatchObject({ maximumKeys: 25, validUntil });
  });

  it('can name its type and its key', () => {
    expect(openLicense(issue(LICENSE, { alg: 'EdDSA', typ: 'JWT', kid: '1' }), publicKey)).toMatchObject({
      holder: 'Example GmbH',
    });
  });

  it.each([
    ['no algorithm', { typ: 'JWT' }],
    ['the algorithm none', { alg: 'none' }],
    ['a MAC', { alg: 'HS256' }],
    ['another spelling', { alg: 'EDDSA' }],
    ['several algorithms', { alg: ['EdDSA'] }],
    ['a critical member', { alg: 'EdDSA', crit: ['b64'], b64: false }],
    ['its own key', { alg: 'EdDSA', jwk: publicKey.export({ format: 'jwk' }) }],
    ['a repeated member', '{"alg":"none","alg":"EdDSA"}'],
    ['anything but an object', ['EdDSA']],
    ['text that is not JSON', 'EdDSA'],
  ])('is rejected with a header that has %s', (_, header) => {
    expect(refusal(issue(LICENSE, header))).toContain('header');
  });

  it.each([
    ['a missing field', { holder: 'a', maximumKeys: 1 }],
    ['an extra field', { ...LICENSE, extra: 1 }],
    ['a repeated member', '{"holder":"a","maximumKeys":1,"maximumKeys":9,"validUntil":null}'],
    ['no holder', { ...LICENSE, holder: '' }],
    ['a two-line holder', { ...LICENSE, holder: 'a\nb' }],
    ['a number as text', { ...LICENSE, maximumKeys: '25' }],
    ['a fraction', { ...LICENSE, maximumKeys: 2.5 }],
    ['a negative number', { ...LICENSE, maximumKeys: -1 }],
    ['a number that is too large', { ...LICENSE, maximumKeys: 2 ** 31 }],
    ['no limit', { ...LICENSE, maximumKeys: null }],
    ['a bare date', { ...LICENSE, validUntil: '2031-01-01' }],
    ['an expiry without an offset', { ...LICENSE, validUntil: '2031-01-01T00:00:00' }],
    ['an invalid date', { ...LICENSE, validUntil: '2031-02-30T00:00:00Z' }],
    ['an expiry with seconds', { ...LICENSE, validUntil: 1_924_992_000 }],
    ['anything but an object', [LICENSE]],
    ['text that is not JSON', '{'],
  ])('is rejected with %s', (_, payload) => {
    expect(refusal(issue(payload))).toContain('payload');
  });

  it('is rejected when its signature is missing, short, or from another key or license', () => {
    const [header, payload] = issue(LICENSE).split('.') as [string, string];
    const other = generateKeyPairSync('ed25519').privateKey;
    const more = issue({ ...LICENSE, maximumKeys: 1_000_000 }).split('.')[1]!;
    const signature = issue(LICENSE).split('.')[2]!;
    for (const token of [
      `${header}.${payload}.`,
      `${header}.${payload}.${Buffer.alloc(63).toString('base64url')}`,
      `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      issue(LICENSE, undefined, other),
      `${header}.${more}.${signature}`,
    ]) {
      expect(refusal(token)).toContain('signature');
    }
  });

  it('is rejected with too few or too many parts, padding, surrounding space, or a non-canonical encoding of the same bytes', () => {
    const token = issue(LICENSE);
    const [header, payload, signature] = token.split('.') as [string, string, string];
    for (const broken of [
      '',
      '..',
      `${header}.${payload}`,
      `${token}.`,
      `${token}.${signature}`,
      `${token}==`,
      ` ${token}`,
      `${token}\n`,
      `${header}.${payload}.${signature.slice(0, -1)}${String.fromCharCode(signature.charCodeAt(85) + 1)}`,
      JSON.stringify({ payload, protected: header, signature }),
    ]) {
      expect(refusal(broken)).not.toBe('it was opened');
    }
  });

  it('is rejected when any bit of any part is flipped', () => {
    const token = issue(LICENSE);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.nat(6), (at, bit) => {
        const flipped = String.fromCharCode(token.charCodeAt(at) ^ (1 << bit));
        expect(refusal(token.slice(0, at) + flipped + token.slice(at + 1))).not.toBe('it was opened');
      }),
    );
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), fc.nat(7), (part, at, bit) => {
        const parts = token.split('.');
        const bytes = Buffer.from(parts[part]!, 'base64url');
        bytes[at % bytes.length]! ^= 1 << bit;
        parts[part] = bytes.toString('base64url');
        expect(refusal(parts.join('.'))).not.toBe('it was opened');
      }),
    );
  });
});
