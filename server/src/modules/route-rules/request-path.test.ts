import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequestPath } from './request-path.js';

const refused = (target: string): string | null => {
  const read = readRequestPath(target);
  return 'refused' in read ? read.refused : null;
};

describe('the target of a request', () => {
  it.each([
    ['/', [], ''],
    ['/?', [], ''],
    ['/customers', ['customers'], ''],
    ['/customers/', ['customers'], ''],
    ['/customers/42/orders?page=2&to=//x;y', ['customers', '42', 'orders'], 'page=2&to=//x;y'],
    ['/a?b?c', ['a'], 'b?c'],
    ['/caf%C3%A9/my%20file', ['café', 'my file'], ''],
    ['/a%3Fb%23c/100%25', ['a?b#c', '100%'], ''],
    ['/...', ['...'], ''],
    ['/v1:batch/a@b/__proto__', ['v1:batch', 'a@b', '__proto__'], ''],
  ])('is read, decoded once: %s', (target, segments, query) => {
    expect(readRequestPath(target)).toEqual({ segments, query });
  });

  it.each([
    ['', 'does not start with a slash'],
    ['customers', 'does not start with a slash'],
    ['http://example.test/a', 'does not start with a slash'],
    ['*', 'does not start with a slash'],
    ['?a=/b', 'does not start with a slash'],
    ['//example.test/a', 'two slashes'],
    ['/a//b', 'two slashes'],
    ['/a//', 'two slashes'],
    ['/a/./b', '"." or ".."'],
    ['/a/../b', '"." or ".."'],
    ['/a/..', '"." or ".."'],
    ['/a/%2e%2e/b', '"." or ".."'],
    ['/a/.%2E', '"." or ".."'],
    ['/a%2fb', 'encoded slash'],
    ['/a%2Fb', 'encoded slash'],
    ['/a%5cb', 'encoded slash'],
    ['/a%3Bv=1', 'encoded slash, backslash or semicolon'],
    ['/a\\b', 'backslash'],
    ['/a%00', 'control character'],
    ['/a%0d%0ab', 'control character'],
    ['/a%7f', 'control character'],
    ['/a%C2%85', 'control character'],
    ['/a\nb', 'control character'],
    ['/a\0', 'control character'],
    ['/a b', 'space'],
    ['/a?b c', 'space'],
    ['/a%20', 'space'],
    ['/%20a', 'space'],
    ['/café', 'non-ASCII'],
    ['/a?b=é', 'non-ASCII'],
    ['/\ud800', 'non-ASCII'],
    ['/a%', 'encodes nothing'],
    ['/a%2', 'encodes nothing'],
    ['/a%zz', 'encodes nothing'],
    ['/a%u002f', 'encodes nothing'],
    ['/a%ff', 'not UTF-8'],
    ['/a%c0%af', 'not UTF-8'],
    ['/a%ed%a0%80', 'not UTF-8'],
    ['/a%252fb', 'encoded twice'],
    ['/a%25%32%66', 'encoded twice'],
    ['/a;v=1/b', 'semicolon'],
    ['/a#b', 'fragment'],
    ['/a?b#c', 'fragment'],
    [`/${'a'.repeat(8192)}`, 'longer than 8192 bytes'],
  ])('is rejected where servers may disagree: %j', (target, reason) => {
    expect(refused(target)).toContain(reason);
  });

  it('is read up to 8 KB', () => {
    expect(refused(`/${'a'.repeat(8191)}`)).toBeNull();
    expect(refused('/a'.repeat(4096))).toBeNull();
  });

  it('never throws, and contains no separator, dot segment or second encoding once read', () => {
    const unit = fc.constantFrom(...'/.%2eEfF5cC30a;?#\\ \n\0é', '%2f', '%25', '..', '%2e', 'segment');
    const targets = fc.oneof(
      fc.array(unit, { maxLength: 20 }).map((parts) => `/${parts.join('')}`),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(targets, (target) => {
        const read = readRequestPath(target);
        if ('refused' in read) {
          expect(read.refused).toMatch(/^[A-Z].*\.$/);
          return;
        }
        for (const segment of read.segments) {
          expect(segment).not.toMatch(/^\.{0,2}$|[/\\;\p{Cc}]|%[0-9a-f]{2}/iu);
        }
        // Encoded again, it is the same path: nothing was lost and nothing was decoded twice.
        const again = readRequestPath(`/${read.segments.map(encodeURIComponent).join('/')}`);
        expect(again).toEqual({ segments: read.segments, query: '' });
      }),
    );
  });
});
