import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPathPattern, parametersOf, readPathPattern } from './path-pattern.js';

const refused = (text: string): string | null => {
  const read = readPathPattern(text);
  return 'refused' in read ? read.refused : null;
};

describe('a path pattern', () => {
  it.each([
    ['/', [], false],
    ['/**', [], true],
    ['/customers/', [{ literal: 'customers' }], false],
    ['/customers/{customerId}', [{ literal: 'customers' }, { parameter: 'customerId' }], false],
    ['/Files/{id}/**', [{ literal: 'Files' }, { parameter: 'id' }], true],
    ['/café/a b/100%/v1:batch', ['café', 'a b', '100%', 'v1:batch'].map((literal) => ({ literal })), false],
  ])('is read: %s', (text, segments, rest) => {
    expect(readPathPattern(text)).toEqual({ segments, rest });
  });

  it.each([
    ['', 'must start with a slash'],
    ['customers', 'must start with a slash'],
    ['//', 'two slashes'],
    ['/a//b', 'two slashes'],
    ['/a/../b', '"." or ".."'],
    ['/**/a', 'only allowed at the end'],
    ['/a*', 'A star'],
    ['/*', 'A star'],
    ['/report.{format}', 'whole segment'],
    ['/{a}{b}', 'whole segment'],
    ['/{}', 'whole segment'],
    ['/{1a}', 'whole segment'],
    ['/{a b}', 'whole segment'],
    ['/{a}/{a}', 'appears twice'],
    ['/a?b', 'cannot contain'],
    ['/a;b', 'cannot contain'],
    ['/a%20b', 'decoded'],
    ['/ a', 'start or end with a space'],
    ['/a\0', 'invisible'],
    ['/a\u202eb', 'invisible'],
    ['/\ud800', 'invisible'],
    [`/${'a'.repeat(500)}`, 'at most 500 characters'],
    ['/a'.repeat(33), 'at most 32 segments'],
  ])('is rejected: %j', (text, reason) => {
    expect(refused(text)).toContain(reason);
  });

  it('names its parameters in order', () => {
    const read = readPathPattern('/{b}/x/{a}/**');
    expect('refused' in read ? [] : parametersOf(read)).toEqual(['b', 'a']);
  });

  it('never throws, and reads the same after formatting', () => {
    const unit = fc.constantFrom(
      '/',
      '{',
      '}',
      '*',
      'a',
      '%',
      '2f',
      '.',
      '{id}',
      '/**',
      '/x',
      'é',
      '\0',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (parts) => {
        const read = readPathPattern(`/${parts.join('')}`);
        if (!('refused' in read)) expect(readPathPattern(formatPathPattern(read))).toEqual(read);
      }),
    );
  });
});
