import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './env.js';

const publicKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }) as string;

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('license settings', () => {
  it('limit nothing by default or if empty', () => {
    for (const environment of [{}, { KEYWRIGHT_MAX_KEYS: '', KEYWRIGHT_LICENSE_FILE: ' ' }]) {
      expect(readConfig(environment).license).toEqual({
        maximumKeys: undefined,
        maximumKeysPerCustomer: undefined,
        file: undefined,
      });
    }
  });

  it('are read', () => {
    const { license } = readConfig({
      KEYWRIGHT_MAX_KEYS: '0',
      KEYWRIGHT_LICENSE_FILE: '/etc/keywright/license.jws',
      KEYWRIGHT_LICENSE_PUBLIC_KEY: publicKey,
    });
    expect(license).toMatchObject({ maximumKeys: 0, file: { path: '/etc/keywright/license.jws' } });
  });

  it.each(['-1', '1.5', 'many', '2147483648'])('reject %s as a number of keys', (number) => {
    expect(faultsOf({ KEYWRIGHT_MAX_KEYS: number })).toEqual([expect.stringContaining('KEYWRIGHT_MAX_KEYS')]);
  });

  it('report all errors together', () => {
    expect(faultsOf({ KEYWRIGHT_MAX_KEYS: 'x', KEYWRIGHT_LICENSE_PUBLIC_KEY: 'x' })).toHaveLength(2);
    expect(faultsOf({ KEYWRIGHT_LICENSE_FILE: 'a', KEYWRIGHT_ADMIN_EMAIL: 'a@b.test' })).toEqual([
      expect.stringContaining('KEYWRIGHT_ADMIN_PASSWORD'),
      expect.stringContaining('KEYWRIGHT_LICENSE_PUBLIC_KEY'),
    ]);
  });
});

describe('a numeric setting', () => {
  it.each(['4', '86401', '5.5', 'many', '1e999'])('reports its valid range for %s', (number) => {
    expect(faultsOf({ KEYWRIGHT_MAX_STALENESS_SECONDS: number })).toEqual([
      'KEYWRIGHT_MAX_STALENESS_SECONDS must be a whole number from 5 to 86400.',
    ]);
  });
});
