import { describe, expect, it } from 'vitest';
import { holdsSecret, holdsToken } from './token-in-text.js';

const TOKEN = `kw_live_${'0123456789ABCDEFGHIJabcdefghij0123456789ABCDEFGHIJ'}`;
const SIGNING = `kws_${'0123456789ABCDEFGHIJabcdefghij0123456789ABC'}`;

describe('text', () => {
  it.each([
    TOKEN,
    `for ${TOKEN}.`,
    `Bearer ${TOKEN}`,
    `x${TOKEN}`,
    `-${TOKEN.toUpperCase()}`,
    TOKEN.replace('kw', 'a'),
  ])('contains a token: %s', (text) => {
    expect(holdsToken(text)).toBe(true);
    expect(holdsSecret(text)).toBe(true);
  });

  it.each([SIGNING, `for ${SIGNING}`, TOKEN.replaceAll('_', '&#95;'), TOKEN.replaceAll('_', '%255F')])(
    'contains a secret: %s',
    (text) => expect(holdsSecret(text)).toBe(true),
  );

  it.each([
    '',
    'kw_live_short',
    '_live_'.repeat(50),
    `1${TOKEN}`,
    `abcdefghijklmnopq${TOKEN}`,
    'a key of the CRM',
    'kws_x',
  ])('contains neither: %s', (text) => expect(holdsSecret(text)).toBe(false));
});
