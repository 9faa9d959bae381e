import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { deriveSecrets } from './master-key.js';

const master = randomBytes(32);
const secret = Buffer.from('a secret');

it('opens what the same master key sealed for the same purpose, and nothing else', () => {
  const sealed = deriveSecrets(master).boxFor('second factor').seal(secret, ['totp', 'usr_1']);
  expect(deriveSecrets(master).boxFor('second factor').open(sealed, ['totp', 'usr_1'])).toEqual(secret);
  expect(deriveSecrets(master).boxFor('something else').open(sealed, ['totp', 'usr_1'])).toBeNull();
  expect(deriveSecrets(randomBytes(32)).boxFor('second factor').open(sealed, ['totp', 'usr_1'])).toBeNull();
});

it('knows its own canary', () => {
  const canary = deriveSecrets(master).seal();
  expect(deriveSecrets(master).opens(canary)).toBe(true);
  expect(deriveSecrets(randomBytes(32)).opens(canary)).toBe(false);
});
