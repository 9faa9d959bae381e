import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseLicenseKey } from './license-key.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;
const der = publicKey.export({ format: 'der', type: 'spki' });

describe('the public key of a license', () => {
  it.each([
    ['PEM', pem],
    ['PEM with written line breaks', pem.replaceAll('\n', '\\n')],
    ['base64 of its DER', der.toString('base64')],
    ['base64 with a trailing line break', `${der.toString('base64')}\n`],
  ])('is accepted as %s', (_, text) => {
    expect(parseLicenseKey(text)?.equals(publicKey)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['words', 'not a key'],
    ['a private key', privateKey.export({ format: 'pem', type: 'pkcs8' }) as string],
    [
      'a key for something else',
      generateKeyPairSync('x25519').publicKey.export({ format: 'pem', type: 'spki' }),
    ],
    ['bytes after the key', Buffer.concat([der, Buffer.alloc(3)]).toString('base64')],
    ['a truncated key', der.subarray(0, -1).toString('base64')],
    ['the raw key', der.subarray(-32).toString('base64')],
    ['base64 that is not canonical', der.toString('base64').replace('=', '')],
  ])('cannot be %s', (_, text) => {
    expect(parseLicenseKey(String(text))).toBeUndefined();
  });
});
