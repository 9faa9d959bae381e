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

describe('KEYWRIGHT_SOCKET', () => {
  it('is none by default', () => {
    expect(readConfig({}).socket).toBeUndefined();
  });

  it.each(['/run/keywright/keywright.sock', `/${'x'.repeat(102)}`])('can be %s', (path) => {
    expect(readConfig({ KEYWRIGHT_SOCKET: path }).socket).toBe(path);
  });

  it.each(['keywright.sock', './keywright.sock', `/${'x'.repeat(107)}`, `/${'é'.repeat(54)}`, '/a\0b'])(
    'cannot be %j',
    (path) => {
      const faults = faultsOf({ KEYWRIGHT_SOCKET: path });
      expect(faults).toEqual([
        expect.stringMatching(/^KEYWRIGHT_SOCKET must be an absolute path of at most /),
      ]);
    },
  );
});

describe('KEYWRIGHT_TRUSTED_PROXIES', () => {
  it('are ranges, addresses and the peers on the Unix socket', () => {
    const { trustedProxies } = readConfig({ KEYWRIGHT_TRUSTED_PROXIES: '10.0.0.0/8, ::1,unix' });
    expect(trustedProxies).toEqual(['10.0.0.0/8', '::1', 'unix']);
  });

  it.each(['0.0.0.0/0', 'unix:', 'Unix', 'localhost', 'unix/8'])('are not %s', (proxies) => {
    expect(faultsOf({ KEYWRIGHT_TRUSTED_PROXIES: proxies })).toHaveLength(1);
  });
});
