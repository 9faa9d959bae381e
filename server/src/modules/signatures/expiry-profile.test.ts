import { describe, expect, it } from 'vitest';
import { readSignature } from './read-signature.js';
import {
  claimOf,
  expirySignature,
  expiryUrl,
  NOW_MS,
  NOW_SECONDS,
  outcomeOf,
  plainRequest,
  SECRET,
} from './signing.fixture.js';
import { verifySignature } from './verify-signature.js';

const read = (url: string, nowMs = NOW_MS) => readSignature(plainRequest({ url }), nowMs);
const outcome = (url: string, nowMs = NOW_MS) => outcomeOf(read(url, nowMs));

const ACCESS_ID = '00000000-0000-4000-8000-000000000002';
const url = (expires: string, signature: string): string =>
  `/feeds?AccessID=access-1&Expires=${expires}&Signature=${signature}`;

/** The first expiry whose signature contains a plus sign. */
const PLUS = (() => {
  for (let ahead = 1; ; ahead++) {
    const signature = expirySignature('access-1', NOW_SECONDS + ahead);
    if (signature.includes('+')) return { expires: String(NOW_SECONDS + ahead), signature };
  }
})();

describe('the expiry profile', () => {
  it.each([
    ['1700000020', 'sy1sfqNGv4U1ejVQZc3WQWv5ALE='],
    ['1700000030', 'NEL1/ETqEoSaOl/I+GNriauR+C0='],
  ])('accepts the published vector that expires at %s', (expires, signature) => {
    const claim = claimOf(read(`/a?AccessID=${ACCESS_ID}&Expires=${expires}&Signature=${signature}`));
    expect(claim).toMatchObject({
      profile: 'EXPIRY',
      clientId: ACCESS_ID,
      algorithm: 'HMAC-SHA1',
      acceptedUntilMs: Number(expires) * 1000,
      nonce: null,
      covered: [],
      bodyDigest: null,
    });
    expect(claim.signingInput.toString()).toBe(`${ACCESS_ID}\n${expires}`);
    expect(verifySignature(claim, 'example-secret-key-0002')).toBe(true);
    expect(verifySignature(claim, 'example-secret-key-0003')).toBe(false);
  });

  it.each([
    ['as it is', '+'],
    ['encoded', '%2B'],
    ['encoded in lowercase', '%2b'],
    ['as a space', ' '],
    ['as an encoded space', '%20'],
  ])('accepts a plus sign %s', (_, plus) => {
    const claim = claimOf(read(url(PLUS.expires, PLUS.signature.replaceAll('+', plus))));
    expect(verifySignature(claim, SECRET)).toBe(true);
  });

  it('keeps a plus sign in the access id', () => {
    expect(outcome(expiryUrl(NOW_SECONDS + 1, 'a+b'))).toBe('a+b');
    expect(outcome(expiryUrl(NOW_SECONDS + 1, 'a%2Bb'))).toBe('a+b');
    expect(outcome(expiryUrl(NOW_SECONDS + 1, 'a%20b'))).toBe('SIGNATURE_INVALID');
  });

  it.each([
    [-1, 'SIGNATURE_EXPIRED'],
    [0, 'access-1'],
    [300, 'access-1'],
    [301, 'SIGNATURE_EXPIRED'],
  ])('that expires %i seconds from now is %s', (ahead, expected) => {
    expect(outcome(expiryUrl(NOW_SECONDS + ahead))).toBe(expected);
  });

  it('is rejected from the first millisecond after its expiry, and with an invalid clock', () => {
    expect(outcome(expiryUrl(NOW_SECONDS), NOW_MS + 1)).toBe('SIGNATURE_EXPIRED');
    expect(outcome(expiryUrl(NOW_SECONDS), NaN)).toBe('SIGNATURE_EXPIRED');
  });

  it.each([
    ['milliseconds', String(NOW_MS), 'SIGNATURE_EXPIRED'],
    ['1e20', '1e20', 'SIGNATURE_INVALID'],
    ['ISO 8601', '2023-11-14T22:13:20Z', 'SIGNATURE_INVALID'],
    ['negative', '-1', 'SIGNATURE_INVALID'],
    ['empty', '', 'SIGNATURE_INVALID'],
    ['in two lines', `1%0A${NOW_SECONDS}`, 'SIGNATURE_INVALID'],
    ['in broken encoding', '1%zz', 'SIGNATURE_INVALID'],
    ['long', '1'.repeat(5000), 'SIGNATURE_INVALID'],
  ])('rejects an expiry that is %s', (_, expires, expected) => {
    expect(outcome(url(expires, 'A'.repeat(27) + '='))).toBe(expected);
  });

  it.each([
    ['empty', ''],
    ['without padding', 'A'.repeat(27)],
    ['too long', `${'A'.repeat(28)}=`],
    ['of SHA-256', `${'A'.repeat(43)}=`],
    ['not canonical', `${'A'.repeat(26)}B=`],
    ['base64url', `${'A'.repeat(26)}-=`],
    ['hexadecimal', 'ab'.repeat(20)],
    ['base64 of hexadecimal', Buffer.from('ab'.repeat(20)).toString('base64')],
    ['not UTF-8', '%ff'.repeat(27)],
  ])('rejects a signature that is %s', (_, signature) => {
    expect(outcome(url(String(NOW_SECONDS), signature))).toBe('SIGNATURE_INVALID');
  });

  it.each(['AccessID=access-1', 'Expires=1', 'Signature=A', 'Signatur%65=A', 'Expires'])(
    'rejects %s a second time',
    (member) => {
      expect(outcome(`${expiryUrl(NOW_SECONDS)}&${member}`)).toBe('AMBIGUOUS_CREDENTIAL');
    },
  );

  it.each([
    ['/a?AccessID=1', undefined],
    ['/a?Expires=1&Signature=2', undefined],
    ['/a?AWSAccessKeyId=1&Expires=1&Signature=2', undefined],
    ['/a?GoogleAccessId=1&Expires=1&Signature=2', undefined],
    ['/a?accessid=1&expires=2&signature=3', undefined],
    ['/AccessID=1&Expires=2&Signature=3', undefined],
    ['/a?AccessID=1&Expires=2', 'SIGNATURE_INVALID'],
    ['/a?AccessID=1&Signature=2', 'SIGNATURE_INVALID'],
    ['/a?AccessID&Expires&Signature', 'SIGNATURE_INVALID'],
  ])('of %s makes %s', (target, expected) => {
    expect(outcome(target)).toBe(expected);
  });
});
