import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeNext } from './safe-next.js';

describe('the path to go to after signing in', () => {
  it.each(['/keys', '/keys?status=ACTIVE&search=a%20b#top', '/docs', '/', '/signing', '/keys/key_1'])(
    'can be %s',
    (path) => expect(safeNext(path)).toBe(path),
  );

  it.each([
    undefined,
    ['/docs', '/docs'],
    '',
    'keys',
    'https://evil.test/',
    '//evil.test',
    '///evil.test',
    '/\\evil.test',
    '\\\\evil.test',
    '/\t/evil.test',
    '/keys\r\nSet-Cookie: a=b',
    '/.//evil.test',
    '/a/..//evil.test',
    '/%2e%2e//evil.test',
    '/./sign-in',
    '/sign-in?next=/sign-in',
    '/setup#token=x',
    '/auth/oidc/start',
    '/\ud800',
    `/${'a'.repeat(1001)}`,
    `/${'é'.repeat(400)}`,
    'javascript:alert(1)',
  ])('is never %j', (next) => expect(safeNext(next)).toBe('/keys'));

  it('is always printable ASCII', () => expect(safeNext('/ключ?é=☃')).toMatch(/^\/[\x21-\x7e]+$/));

  it('never leaves the site', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '@',
      ':',
      'evil.test',
      '?',
      '#',
      '\t',
      'a',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const next = safeNext(`/${parts.join('')}`);
        expect(new URL(next, 'https://keys.example/sign-in').origin).toBe('https://keys.example');
        expect(safeNext(next)).toBe(next);
      }),
    );
  });
});
