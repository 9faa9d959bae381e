import { expect, it } from 'vitest';
import { numberArray, textArray } from './pg-arrays.js';

it('writes texts so that PostgreSQL reads them as they are', () => {
  expect(textArray([])).toBe('{}');
  expect(textArray(['/crm/a?b=c', 'say "no"', String.raw`a\b`, '', 'null', '{a,b}', null])).toBe(
    String.raw`{"/crm/a?b=c","say \"no\"","a\\b","","null","{a,b}",null}`,
  );
});

it('writes numbers', () => {
  expect(numberArray([1, -2, null])).toBe('{1,-2,null}');
});
