import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './env.js';

const PROVIDER = {
  OIDC_ISSUER: 'https://id.example.test/realms/main/',
  OIDC_CLIENT_ID: 'keywright',
  OIDC_CLIENT_SECRET: 'the secret',
};
const SCOPE = 'scp_01h455vb4pex5vsknk084sn02q';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}

describe('single sign-on settings', () => {
  it('are off by default, with passwords on', () => {
    expect(readConfig({})).toMatchObject({ oidc: undefined, localSignIn: true });
  });

  it('have defaults for everything except the provider and the client', () => {
    expect(readConfig(PROVIDER).oidc).toEqual({
      issuer: new URL(PROVIDER.OIDC_ISSUER),
      clientId: 'keywright',
      clientSecret: 'the secret',
      scopes: 'openid email profile',
      label: 'id.example.test',
      groupsClaim: 'groups',
      groupRoles: new Map(),
    });
  });

  it('give a group one or several roles, at the root by default', () => {
    const groups = { a: { role: 'Owner' }, 'b c': [{ role: 'Viewer', scope: SCOPE }, { role: 'Auditor' }] };
    const { oidc, localSignIn } = readConfig({
      ...PROVIDER,
      OIDC_SCOPES: ' openid  groups',
      OIDC_GROUP_ROLES: JSON.stringify(groups),
      KEYWRIGHT_LOCAL_SIGN_IN: 'off',
    });
    const root = 'scp_00000000000000000000000000';
    expect(oidc!.groupRoles).toEqual(
      new Map([
        ['a', [{ role: 'Owner', scopeId: root }]],
        [
          'b c',
          [
            { role: 'Viewer', scopeId: SCOPE },
            { role: 'Auditor', scopeId: root },
          ],
        ],
      ]),
    );
    expect(oidc!.scopes).toBe('openid groups');
    expect(localSignIn).toBe(false);
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:1/x', 'https://id.example.test'])(
    'take %s as an issuer',
    (OIDC_ISSUER) => expect(faultsOf({ ...PROVIDER, OIDC_ISSUER })).toEqual([]),
  );

  it.each([
    'http://id.example.test',
    'http://127.0.0.1.example.test',
    'http://localhost.example.test',
    'ftp://id.example.test',
    'id.example.test',
    'https://id.example.test/?a=b',
    'https://id.example.test/#',
    'https://user:pass@id.example.test',
  ])('reject %s as an issuer', (OIDC_ISSUER) => {
    expect(faultsOf({ ...PROVIDER, OIDC_ISSUER })).toEqual([expect.stringMatching(/^OIDC_ISSUER must be /)]);
  });

  it.each([
    'a=Owner',
    '[]',
    '"Owner"',
    '{"a": "Owner"}',
    '{"a": {"role": ""}}',
    '{"a": {"role": "Owner", "scopes": []}}',
    '{"a": {"scope": "scp_00000000000000000000000000"}}',
    '{"a": {"role": "Owner", "scope": "everywhere"}}',
    '{"a": [{"role": "Owner"}, null]}',
  ])('reject %s as group roles', (OIDC_GROUP_ROLES) => {
    expect(faultsOf({ ...PROVIDER, OIDC_GROUP_ROLES })).toEqual([
      expect.stringMatching(/^OIDC_GROUP_ROLES (must be|contains) /),
    ]);
  });

  it('require an issuer, so that nobody is locked out', () => {
    expect(faultsOf({ OIDC_CLIENT_ID: 'x', KEYWRIGHT_LOCAL_SIGN_IN: 'off' })).toEqual([
      'OIDC_CLIENT_ID has no effect without OIDC_ISSUER. Set OIDC_ISSUER, or remove it.',
      'KEYWRIGHT_LOCAL_SIGN_IN cannot be off without OIDC_ISSUER: nobody could sign in.',
    ]);
  });

  it('are reported with all other errors', () => {
    const faults = faultsOf({
      PORT: 'eighty',
      KEYWRIGHT_ADMIN_EMAIL: 'owner@example.test',
      OIDC_ISSUER: 'http://id.example.test',
      OIDC_CLIENT_ID: 'x',
      OIDC_SCOPES: 'email',
      KEYWRIGHT_LOCAL_SIGN_IN: 'no',
    });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'PORT',
      'OIDC_ISSUER',
      'OIDC_SCOPES',
      'KEYWRIGHT_LOCAL_SIGN_IN',
      'KEYWRIGHT_ADMIN_EMAIL',
      'OIDC_CLIENT_SECRET',
    ]);
  });
});
