import { expect, it } from 'vitest';
import { csvCell, toCsv } from './csv.js';

it.each([
  ['=1+1', `'=1+1`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@a', `'@a`],
  ['\ta', `"'\ta"`],
  ['\ra', `"'\ra"`],
  ['  =1+1', `'  =1+1`],
  ['\u200b=1', `'\u200b=1`],
  ['\0=1', `'\0=1`],
  ['\u001b=1', `'\u001b=1`],
  ['\u0085＝1', `'\u0085＝1`],
  ['x;\0=1', `"x;'\0=1"`],
  ['＝1+1', `'＝1+1`],
  ['＋1', `'＋1`],
  ['－1', `'－1`],
  ['＠a', `'＠a`],
  ['﹦1', `'﹦1`],
  ['−1', `'−1`],
  ['x;=1+1', `"x;'=1+1"`],
  ['x; =1+1', `"x;' =1+1"`],
  ['x;"=1+1"', `"x;'""=1+1"""`],
  ['x;＝1', `"x;'＝1"`],
  ['x;y;@z', `"x;y;'@z"`],
  ['x\t=1', `"x\t'=1"`],
  ['x|-1', `"x|'-1"`],
  ['x\n=1', `"x\n'=1"`],
])('escapes %j so that no spreadsheet runs it as a formula', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});

it.each([
  ['billing', 'billing'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['a-b=c', 'a-b=c'],
  ['60 a minute; 1000 a day', '"60 a minute; 1000 a day"'],
  ['', ''],
])('%j stays as it is', (text, cell) => {
  expect(csvCell(text)).toBe(cell);
});

it('writes one line per row, numbers unquoted and null as an empty cell', () => {
  expect(
    toCsv([
      ['Name', 'Usage'],
      ['Billing', -3],
      [null, 0],
    ]),
  ).toBe('Name,Usage\r\nBilling,-3\r\n,0\r\n');
});
