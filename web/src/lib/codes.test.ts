import { expect, it } from 'vitest';
import { isWholeCode, plainCode } from './codes.js';

it('accepts codes in any grouping', () => {
  expect(plainCode(' 123 456\n')).toBe('123456');
  expect(plainCode('abcd-efgh')).toBe('abcdefgh');
  expect(isWholeCode('123 456')).toBe(true);
  expect(isWholeCode('12345')).toBe(false);
  expect(isWholeCode('12345a')).toBe(false);
});
