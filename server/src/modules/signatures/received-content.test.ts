import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseContentDigest } from './content-digest.js';
import { contentOf, contentWith, judgeBody } from './received-content.js';

const BODY = Buffer.from('{"hello": "world"}');
const digestOf = (body: Buffer, algorithm: 'sha-256' | 'sha-512' = 'sha-256'): string =>
  `${algorithm}=:${createHash(algorithm.replace('-', '')).update(body).digest('base64')}:`;
const claim = (contentDigest: string | null, profile: 'RFC9421' | 'TIMESTAMP' = 'RFC9421') => ({
  profile,
  bodyDigest: contentDigest === null ? null : parseContentDigest([contentDigest]),
});

it('is the signed body, another one, or unchecked', () => {
  const signed = claim(digestOf(BODY));
  expect(judgeBody(signed, contentOf(BODY))).toBe('CHECKED');
  expect(judgeBody(signed, contentOf(Buffer.from('other')))).toBe('OTHER');
  expect(judgeBody(signed, contentOf(Buffer.alloc(0)))).toBe('OTHER');
  expect(judgeBody(signed, null)).toBe('UNCHECKED');
});

it('is compared by externally computed digests of the same algorithm', () => {
  const both = `${digestOf(BODY)}, ${digestOf(BODY, 'sha-512')}`;
  expect(judgeBody(claim(digestOf(BODY)), contentWith(both))).toBe('CHECKED');
  expect(judgeBody(claim(digestOf(BODY, 'sha-512')), contentWith(both))).toBe('CHECKED');
  expect(judgeBody(claim(digestOf(BODY)), contentWith(digestOf(Buffer.from('x'))))).toBe('OTHER');
  expect(judgeBody(claim(digestOf(BODY, 'sha-512')), contentWith(digestOf(BODY)))).toBe('UNCHECKED');
  expect(contentWith('sha-256=abc')).toBeNull();
  expect(contentWith('md5=:abcd:')).toBeNull();
});

it('must be empty if the signature does not cover it', () => {
  expect(judgeBody(claim(null), contentOf(BODY))).toBe('OTHER');
  expect(judgeBody(claim(null), contentWith(digestOf(BODY)))).toBe('OTHER');
  expect(judgeBody(claim(null), contentOf(Buffer.alloc(0)))).toBe('CHECKED');
  expect(judgeBody(claim(null), contentWith(digestOf(Buffer.alloc(0))))).toBe('CHECKED');
  expect(judgeBody(claim(null), null)).toBe('UNSIGNED');
});

it('is never covered by the profiles that sign no content', () => {
  expect(judgeBody(claim(null, 'TIMESTAMP'), contentOf(BODY))).toBe('UNSIGNED');
});
