import { expect, test } from 'vitest';
import { isPlainLine } from './text.js';

test.each([
  '\u3164',
  '\u2800',
  '\u115f',
  '\u1160',
  '\uffa0',
  '\u034f',
  '\ufe0f',
  '\u17b4',
  '\u17b5',
  '\u00ad',
  '\u200b',
  '\u2060',
  '\u2061',
  '\u2064',
  '\u2065',
  '\u206f',
  '\ufeff',
  '\ufff0',
  '\ufff8',
  '\u180e',
  '\u061c',
  '\u{1d159}',
  '\u{13441}',
  '\u{13442}',
  '\u{16fe4}',
  '\u{1d173}',
  '\u{e0020}',
  '\u{e0fff}',
  '\u{e0100}',
  '\u200d',
  '\u202e',
  '\u2028',
  '\u0085',
])('a name of %j alone looks empty', (text) => {
  expect(isPlainLine(text)).toBe(false);
  expect(isPlainLine(text.repeat(3))).toBe(false);
});

test.each([
  'Billing\u3164',
  'Bil\u2800ling',
  '\u115fBilling',
  'Billing\u034f',
  'Billing\u{e0020}',
  'Bil\u00adling',
])('%j looks like another name', (text) => expect(isPlainLine(text)).toBe(false));

test.each([
  'Billing',
  '❤️ Team',
  '👩‍👩‍👧',
  'می‌خواهم',
  '한국어',
  '葛\u{e0100}城',
  'ᠮᠣᠩ\u180bᠭᠣᠯ',
  '=1+1',
  'Zürich',
])('%s is a name', (text) => expect(isPlainLine(text)).toBe(true));
