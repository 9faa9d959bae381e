import { describe, expect, it } from 'vitest';
import { readSignature } from './read-signature.js';
import {
  claimOf,
  NOW_MS,
  NOW_SECONDS,
  outcomeOf,
  plainRequest,
  SECRET,
  timestampHeaders,
  withHeaders,
} from './signing.fixture.js';
import { verifySignature } from './verify-signature.js';

const outcome = (headers: Record<string, unknown>, nowMs = NOW_MS) =>
  outcomeOf(readSignature(withHeaders(headers), nowMs));

const FRAME_ID = '00000000-0000-4000-8000-000000000001.img.example.test';
const FRAME_SIGNATURE = '77e70a6e057dcf466574a4b9e524adf97ee4d67ede09bbb1a05c4b1d66893ed1';

describe('the timestamp profile', () => {
  it.each([
    ['X-Frame-ClientId', 'X-Frame-Timestamp', 'X-Frame-Signature'],
    ['x-client-id', 'x-timestamp', 'x-signature'],
    ['X-CLIENT-ID', 'X-Frame-Timestamp', 'x-signature'],
  ])('accepts the published vector in %s, %s and %s', (id, timestamp, signature) => {
    const headers = { [id]: FRAME_ID, [timestamp]: '1700000000', [signature]: FRAME_SIGNATURE };
    const claim = claimOf(readSignature(withHeaders(headers), NOW_MS));
    expect(claim).toMatchObject({
      profile: 'TIMESTAMP',
      clientId: FRAME_ID,
      algorithm: 'HMAC-SHA256',
      acceptedUntilMs: NOW_MS + 300_000,
      nonce: null,
      covered: [],
      bodyDigest: null,
    });
    expect(claim.signingInput.toString()).toBe(`1700000000${FRAME_ID}`);
    expect(verifySignature(claim, 'example-client-secret-0001')).toBe(true);
    expect(verifySignature(claim, Buffer.from('example-client-secret-0001'))).toBe(true);
    expect(verifySignature(claim, 'example-client-secret-0002')).toBe(false);
    expect(verifySignature(claim, '')).toBe(false);
  });

  it('accepts the signature in upper and lower case', () => {
    const headers = timestampHeaders(NOW_SECONDS);
    headers['x-signature'] = String(headers['x-signature']).toUpperCase();
    expect(verifySignature(claimOf(readSignature(withHeaders(headers), NOW_MS)), SECRET)).toBe(true);
  });

  it.each([
    [-301, 'SIGNATURE_EXPIRED'],
    [-300, 'client-1'],
    [0, 'client-1'],
    [300, 'client-1'],
    [301, 'SIGNATURE_EXPIRED'],
  ])('made %i seconds from now is %s', (skew, expected) => {
    expect(outcome(timestampHeaders(NOW_SECONDS + skew))).toBe(expected);
  });

  it('applies the tolerance to the millisecond', () => {
    expect(outcome(timestampHeaders(NOW_SECONDS), NOW_MS + 300_000)).toBe('client-1');
    expect(outcome(timestampHeaders(NOW_SECONDS), NOW_MS + 300_001)).toBe('SIGNATURE_EXPIRED');
    expect(outcome(timestampHeaders(NOW_SECONDS), NaN)).toBe('SIGNATURE_EXPIRED');
  });

  it.each([
    ['milliseconds', String(NOW_MS), 'SIGNATURE_EXPIRED'],
    ['1e20 in digits', '100000000000000000000', 'SIGNATURE_EXPIRED'],
    ['1e400 in digits', `1${'0'.repeat(400)}`, 'SIGNATURE_EXPIRED'],
    ['zero', '0', 'SIGNATURE_EXPIRED'],
    ['1e20', '1e20', 'SIGNATURE_INVALID'],
    ['ISO 8601', '2023-11-14T22:13:20Z', 'SIGNATURE_INVALID'],
    ['negative', '-1700000000', 'SIGNATURE_INVALID'],
    ['signed', '+1700000000', 'SIGNATURE_INVALID'],
    ['fractional', '1700000000.0', 'SIGNATURE_INVALID'],
    ['with a leading zero', '01700000000', 'SIGNATURE_INVALID'],
    ['with a space', ' 1700000000', 'SIGNATURE_INVALID'],
    ['with a line feed', '1700000000\n', 'SIGNATURE_INVALID'],
    ['in other digits', '١٧٠٠٠٠٠٠٠٠', 'SIGNATURE_INVALID'],
    ['hexadecimal', '0x6553f100', 'SIGNATURE_INVALID'],
    ['empty', '', 'SIGNATURE_INVALID'],
    ['long', '1'.repeat(10_000), 'SIGNATURE_INVALID'],
    ['a number', 1_700_000_000, 'SIGNATURE_INVALID'],
    ['an object', {}, 'SIGNATURE_INVALID'],
    ['nothing', undefined, 'SIGNATURE_INVALID'],
    ['an empty list', [], 'SIGNATURE_INVALID'],
    ['a list', ['1700000000', '1700000000'], 'AMBIGUOUS_CREDENTIAL'],
    ['a list in one line', '1700000000, 1700000000', 'AMBIGUOUS_CREDENTIAL'],
  ])('rejects a timestamp that is %s', (_, timestamp, expected) => {
    expect(outcome({ ...timestampHeaders(NOW_SECONDS), 'x-timestamp': timestamp })).toBe(expected);
  });

  const hex = 'ab'.repeat(32);
  it.each([
    ['one digit short', hex.slice(1), 'SIGNATURE_INVALID'],
    ['one digit long', `${hex}a`, 'SIGNATURE_INVALID'],
    ['of SHA-1', 'ab'.repeat(20), 'SIGNATURE_INVALID'],
    ['with another letter', `g${hex.slice(1)}`, 'SIGNATURE_INVALID'],
    ['base64 of its bytes', Buffer.from(hex, 'hex').toString('base64'), 'SIGNATURE_INVALID'],
    ['base64 of its hex', Buffer.from(hex).toString('base64'), 'SIGNATURE_INVALID'],
    ['prefixed', `sha256=${hex}`, 'SIGNATURE_INVALID'],
    ['empty', '', 'SIGNATURE_INVALID'],
    ['a number', 12, 'SIGNATURE_INVALID'],
    ['a list', [hex, hex], 'AMBIGUOUS_CREDENTIAL'],
    ['a nested list', [[hex]], 'SIGNATURE_INVALID'],
  ])('rejects a signature that is %s', (_, signature, expected) => {
    expect(outcome({ ...timestampHeaders(NOW_SECONDS), 'x-signature': signature })).toBe(expected);
  });

  it.each(['', 'a b', 'é', 'a\nb', 'x'.repeat(201)])('rejects the client id %j', (clientId) => {
    expect(outcome(timestampHeaders(NOW_SECONDS, clientId))).toBe('SIGNATURE_INVALID');
  });

  it('accepts client ids of up to 200 characters', () => {
    expect(outcome(timestampHeaders(NOW_SECONDS, 'x'.repeat(200)))).toBe('x'.repeat(200));
  });

  it.each(['x-client-id', 'x-timestamp', 'x-signature'])('rejects %s in both spellings', (name) => {
    const headers = timestampHeaders(NOW_SECONDS);
    const frame = name.replace('x-', 'x-frame-').replace('client-id', 'clientid');
    expect(outcome({ ...headers, [frame]: headers[name] })).toBe('AMBIGUOUS_CREDENTIAL');
  });

  it('rejects a duplicate header, in any case', () => {
    const headers = timestampHeaders(NOW_SECONDS);
    expect(outcome({ ...headers, 'X-Client-ID': 'client-1' })).toBe('AMBIGUOUS_CREDENTIAL');
  });

  it.each([
    [['x-client-id'], undefined],
    [['x-timestamp'], undefined],
    [['x-signature'], undefined],
    [['x-client-id', 'x-timestamp'], 'SIGNATURE_INVALID'],
    [['x-timestamp', 'x-signature'], undefined],
    [['x-client-id', 'x-signature'], 'SIGNATURE_INVALID'],
    [['x-frame-clientid'], 'SIGNATURE_INVALID'],
    [['x-frame-timestamp'], 'SIGNATURE_INVALID'],
    [['x-frame-signature'], 'SIGNATURE_INVALID'],
  ])('with only %j is %s', (names, expected) => {
    expect(outcome(Object.fromEntries(names.map((name) => [name, '1'])))).toBe(expected);
  });

  it('does not apply to an ordinary request', () => {
    expect(readSignature(plainRequest(), NOW_MS)).toBeUndefined();
    expect(outcome({ 'x-client-id': null, 'x-timestamp': undefined, 'x-signature': [] })).toBeUndefined();
  });
});
