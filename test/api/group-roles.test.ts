import { afterEach, describe, expect, test, vi } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { keywrightCommand } from '../support/servers/command-line.js';
import { CookieJar } from '../support/peers/cookie-jar.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import {
  signInThere,
  startSingleSignOn,
  viewerOf,
  type SingleSignOn,
} from '../support/servers/single-sign-on.js';

// Each test starts one or two servers.
vi.setConfig({ testTimeout: 120_000 });

const READER = 'rol_01h455vb4pex5vsknk084sn02q';
const WRITER = 'rol_01h455vb4pex5vsknk084sn02r';
const UPDATE_ROLE = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { name } }';
const ROLES = '{ singleSignOnRoles { group name bound role { id name } scope { id } } }';

let sso: SingleSignOn;
afterEach(() => sso.stop());

const person = { sub: 'ada', email: 'ada@example.test', groups: ['readers'] };
const permissionsOf = async (): Promise<string[]> => {
  const jar = new CookieJar();
  await signInThere(sso.url, jar);
  return (await viewerOf(sso.url, jar)).permissions;
};
const rename = async (bearer: string, id: string, name: string): Promise<unknown> =>
  request(sso.url, UPDATE_ROLE, { input: { id, name } }, { bearer });

describe('a group assigns the role first seen under the name in the setting', () => {
  test('even if roles are renamed, also after a restart', async () => {
    sso = await startSingleSignOn();
    sso.provider.be(person);
    expect(await permissionsOf()).toEqual(['keywright.keys.read']);
    const bearer = await signIn(sso.url);
    await rename(bearer, READER, 'Something else');
    await rename(bearer, WRITER, 'Test Reader');
    expect(await permissionsOf()).toEqual(['keywright.keys.read']);
    await sso.keywright.process.stop();
    const again = spawnServer(sso.keywright.settings);
    try {
      await again.ready();
      expect(await permissionsOf()).toEqual(['keywright.keys.read']);
    } finally {
      await again.stop();
    }
  });

  test('even if nobody of the group signed in before the names were swapped', async () => {
    sso = await startSingleSignOn();
    // The roles were created after the start; the next start follows, as in an upgrade.
    await sso.keywright.process.stop();
    const again = spawnServer(sso.keywright.settings);
    try {
      await again.ready();
      const bearer = await signIn(sso.url);
      await rename(bearer, READER, 'Something else');
      await rename(bearer, WRITER, 'Test Reader');
      sso.provider.be(person);
      expect(await permissionsOf()).toEqual(['keywright.keys.read']);
    } finally {
      await again.stop();
    }
  });

  test('and no other after that role is deleted, until the command line binds the name again', async () => {
    sso = await startSingleSignOn();
    sso.provider.be({ ...person, groups: ['writers'] });
    await permissionsOf();
    const bearer = await signIn(sso.url);
    sso.provider.be({ ...person, groups: [] });
    await permissionsOf();
    await request(sso.url, 'mutation ($id: ID!) { deleteRole(id: $id) }', { id: READER }, { bearer });
    const { createRole } = await request<{ createRole: { id: string } }>(
      sso.url,
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: 'Test Reader', permissions: ['keywright.audit.read'] } },
      { bearer },
    );
    sso.provider.be(person);
    expect(await permissionsOf()).toEqual([]);
    const { data } = await graphql(sso.url, ROLES, {}, { bearer });
    expect(data!['singleSignOnRoles']).toContainEqual({
      group: 'readers',
      name: 'test reader',
      bound: true,
      role: null,
      scope: { id: 'scp_00000000000000000000000000' },
    });
    const bind = (role: string): ReturnType<typeof keywrightCommand> =>
      keywrightCommand(sso.keywright.settings, ['bind-group-role', '--name', 'Test Reader', '--role', role]);
    const lost = await bind('rol_01h455vb4pex5vsknk084sn02z');
    expect(lost).toMatchObject({ code: 1, stdout: '' });
    expect(lost.stderr).toContain('No role has the ID');
    expect(await bind(createRole.id)).toMatchObject({ code: 0, stderr: '' });
    expect(await permissionsOf()).toEqual(['keywright.audit.read']);
  });
});

test('callers who manage settings see what each name stands for', async () => {
  sso = await startSingleSignOn();
  sso.provider.be(person);
  await permissionsOf();
  const bearer = await signIn(sso.url);
  await rename(bearer, READER, 'Renamed');
  const { data } = await graphql<{ singleSignOnRoles: Record<string, unknown>[] }>(
    sso.url,
    ROLES,
    {},
    { bearer },
  );
  const shown = data!.singleSignOnRoles.map(({ group, role }) => [group, role]);
  expect(shown).toContainEqual(['readers', { id: READER, name: 'Renamed' }]);
  expect(shown).toContainEqual(['lost', null]);
  expect(codes(await graphql(sso.url, ROLES, {}))).toEqual(['UNAUTHENTICATED']);
});
