import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesDigest, parseContentDigest } from './content-digest.js';

const SHA256_OF_HELLO = 'RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=';
const SHA512_OF_HELLO =
  'YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==';
const HELLO = '{"hello": "world"}\n';

const matches = (header: string, body: string): boolean | null => {
  const digest = parseContentDigest([header]);
  return digest && matchesDigest(digest, Buffer.from(body));
};

describe('the digest of content', () => {
  it.each([
    ['B.1, sha-256', `sha-256=:${SHA256_OF_HELLO}:`, HELLO],
    ['section 2, sha-512', `sha-512=:${SHA512_OF_HELLO}:`, HELLO],
    ['B.2, no content', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:', ''],
    ['B.3, partial content', 'sha-256=:jjcgBDWNAtbYUXI37CVG3gRuGOAjaaDRGpIUFsdyepQ=:', '"world"}\n'],
  ])('of RFC 9530, %s, matches the published one', (_, header, body) => {
    expect(matches(header, body)).toBe(true);
    expect(matches(header, `${body} `)).toBe(false);
  });

  it('is the strongest of several, whatever their order', () => {
    const weaker = `sha-256=:${SHA256_OF_HELLO}:`;
    const stronger = `sha-512=:${SHA512_OF_HELLO}:`;
    for (const values of [[`${weaker}, ${stronger}`], [`${stronger},${weaker}`], [weaker, stronger]]) {
      expect(parseContentDigest(values)?.algorithm).toBe('sha-512');
    }
  });

  it('is never one of another algorithm', () => {
    expect(parseContentDigest(['md5=:1B2M2Y8AsgTpgAmY7PhCfg==:'])).toBeNull();
    expect(
      parseContentDigest([`md5=:1B2M2Y8AsgTpgAmY7PhCfg==:, sha-256=:${SHA256_OF_HELLO}:`]),
    ).not.toBeNull();
  });

  it.each([
    '',
    'sha-256',
    'sha-256=',
    'sha-256=::',
    `sha-256=${SHA256_OF_HELLO}`,
    `SHA-256=:${SHA256_OF_HELLO}:`,
    `sha-256="${SHA256_OF_HELLO}"`,
    `sha-256=:${SHA512_OF_HELLO}:`,
    `sha-256=:${SHA256_OF_HELLO.slice(0, -1)}:`,
    `sha-256=:${SHA256_OF_HELLO.replace('g=', 'h=')}:`,
    `sha-256=:${SHA256_OF_HELLO}:, sha-256=:${SHA256_OF_HELLO}:`,
    `sha-256=:${SHA256_OF_HELLO}:,`,
    `sha-256=(:${SHA256_OF_HELLO}:)`,
    'x'.repeat(10_000),
  ])('is not read from %j', (header) => {
    expect(parseContentDigest([header])).toBeNull();
  });

  it('matches only its own body, and is not read from arbitrary values', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (body, other) => {
        const value = createHash('sha256').update(body).digest('base64');
        const digest = parseContentDigest([`sha-256=:${value}:`])!;
        expect(matchesDigest(digest, body)).toBe(true);
        expect(matchesDigest(digest, other)).toBe(Buffer.compare(body, other) === 0);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.anything()), (values) => {
        expect(parseContentDigest(values)).toBeNull();
      }),
    );
  });
});
