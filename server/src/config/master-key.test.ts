import { hkdfSync, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { deriveSecrets, type Secrets } from './master-key.js';

const master = randomBytes(32);
const secret = Buffer.from('a secret');
const ids = { pepperId: 1, encryptionKeyId: 1 };
const secretsOf = (key: Buffer): Secrets => deriveSecrets(key, ids);

it('opens only what the same master key sealed for the same purpose', () => {
  const sealed = secretsOf(master).boxFor('second factor').seal(secret, ['totp', 'usr_1']);
  expect(secretsOf(master).boxFor('second factor').open(sealed, ['totp', 'usr_1'])).toEqual(secret);
  expect(secretsOf(master).boxFor('something else').open(sealed, ['totp', 'usr_1'])).toBeNull();
  expect(secretsOf(randomBytes(32)).boxFor('second factor').open(sealed, ['totp', 'usr_1'])).toBeNull();
});

it('recognizes its own canary', () => {
  const canary = secretsOf(master).seal();
  expect(secretsOf(master).opens(canary)).toBe(true);
  expect(secretsOf(randomBytes(32)).opens(canary)).toBe(false);
});

it('derives the same pepper for an id in every process, and a different one for each id', () => {
  const pepper = secretsOf(master).peppers.get(1)!;
  // The pepper of keys from before there were several peppers.
  const first = hkdfSync('sha256', master, Buffer.alloc(0), 'keywright pepper 1', 32);
  expect(pepper).toEqual(Buffer.from(first));
  expect(secretsOf(master).peppers.get(300)).toEqual(secretsOf(master).peppers.get(300));
  expect(secretsOf(master).peppers.get(300)).not.toEqual(pepper);
  expect(secretsOf(master).peppers.get(0)).toBeUndefined();
});

it('seals with the current key', () => {
  const current = { pepperId: 1, encryptionKeyId: 1 };
  const box = deriveSecrets(master, current).boxFor('second factor');
  const before = box.seal(secret, ['totp']);
  current.encryptionKeyId = 2;
  const after = box.seal(secret, ['totp']);
  expect([before[0], after[0]]).toEqual([1, 2]);
  expect(secretsOf(master).boxFor('second factor').open(before, ['totp'])).toEqual(secret);
  expect(secretsOf(master).boxFor('second factor').open(after, ['totp'])).toEqual(secret);
});
