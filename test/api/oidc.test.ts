import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { CookieJar } from '../support/peers/cookie-jar.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import {
  expectProblem,
  signInThere,
  startSingleSignOn,
  toCallback,
  viewerOf,
  type SingleSignOn,
} from '../support/servers/single-sign-on.js';
import { OWNER } from '../support/servers/start-keywright.js';

let sso: SingleSignOn;
beforeAll(async () => {
  sso = await startSingleSignOn();
});
afterAll(() => sso.stop());

/** Audited actions on a user, oldest first. */
const auditOf = (userId: string): Promise<{ action: string; changes: Record<string, unknown> }[]> =>
  sso.keywright.database.query(
    `select action, changes from audit_event where target_id = $1 or actor_id = $1 order by seq`,
    [userId],
  );

const countUsers = async (): Promise<number> =>
  (await sso.keywright.database.query<{ count: number }>('select count(*)::int as count from app_user'))[0]!
    .count;

describe('signing in through the identity provider', () => {
  test('creates a user with the roles of the groups, and returns to the requested page', async () => {
    sso.provider.be({
      sub: 'ada',
      email: 'Ada@example.test',
      name: 'Ada L.',
      groups: ['readers', 'strangers', 7],
    });
    const jar = new CookieJar();
    const callback = await toCallback(sso.url, jar, '/keys?status=ACTIVE#top');
    expect([...jar.of(sso.url).keys()]).toEqual(['keywright_oidc']);
    const response = await jar.get(callback);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/keys?status=ACTIVE#top');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.getSetCookie()).toEqual([
      'keywright_oidc=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax',
      expect.stringMatching(
        /^keywright_session=[\w-]{43}; Expires=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/,
      ) as string,
    ]);

    const viewer = await viewerOf(sso.url, jar);
    expect(viewer).toMatchObject({
      user: { email: 'Ada@example.test', name: 'Ada L.' },
      permissions: ['keywright.keys.read'],
    });
    const [user] = await sso.keywright.database.query<{
      password_hash: null;
      source: string;
      method: string;
    }>(
      `select u.password_hash, g.source, s.method from app_user u join user_grant g on g.user_id = u.id
       join session s on s.user_id = u.id where u.id = $1`,
      [viewer.user.id],
    );
    expect(user).toEqual({ password_hash: null, source: 'OIDC', method: 'OIDC' });
    expect(await auditOf(viewer.user.id)).toMatchObject([
      {
        action: 'user.created',
        changes: { issuer: { after: sso.provider.issuer }, subject: { after: 'ada' } },
      },
      {
        action: 'user.group_roles_changed',
        changes: { grants: { before: [], after: [{ role: 'Test Reader' }] } },
      },
      { action: 'user.signed_in', changes: { method: { after: 'oidc' } } },
    ]);
    const password = await graphql(
      sso.url,
      'mutation { signIn(email: "ada@example.test", password: "") { twoFactorRequired } }',
    );
    expect(codes(password)).toEqual(['UNAUTHENTICATED']);
  });

  test('again finds the same user, updates roles of groups and keeps grants made here', async () => {
    const person = { sub: 'bob', email: 'bob@example.test' };
    sso.provider.be({ ...person, groups: 'readers' });
    const first = new CookieJar();
    await signInThere(sso.url, first);
    const { user } = await viewerOf(sso.url, first);
    await sso.keywright.database.query(
      `insert into user_grant (user_id, position, scope_id, permissions)
       select $1, 7, id, '{keywright.usage.read}' from scope where kind = 'ROOT'`,
      [user.id],
    );

    sso.provider.be({ ...person, email: 'bob.new@example.test', groups: ['writers', 'lost', 'readers'] });
    const second = new CookieJar();
    await signInThere(sso.url, second);
    expect(await viewerOf(sso.url, second)).toMatchObject({
      user,
      permissions: ['keywright.keys.read', 'keywright.keys.write', 'keywright.usage.read'],
    });
    const grants = await sso.keywright.database.query(
      `select g.source, r.name as role, s.name as scope from user_grant g left join role r on r.id = g.role_id
       join scope s on s.id = g.scope_id where user_id = $1 order by g.position`,
      [user.id],
    );
    expect(grants).toHaveLength(3);
    expect(grants).toContainEqual({ source: 'OIDC', role: 'Test Writer', scope: 'Acme' });

    sso.provider.be({ ...person, groups: [] });
    const third = new CookieJar();
    await signInThere(sso.url, third);
    expect((await viewerOf(sso.url, third)).permissions).toEqual(['keywright.usage.read']);
    const before = (await auditOf(user.id)).length;
    await signInThere(sso.url);
    expect((await auditOf(user.id)).slice(before).map(({ action }) => action)).toEqual(['user.signed_in']);
  });

  test('creates a new session each time, and ends the previous one of the browser', async () => {
    sso.provider.be({ sub: 'cleo', email: 'cleo@example.test', groups: ['readers'] });
    const jar = new CookieJar();
    jar.of(sso.url).set('keywright_session', 'A'.repeat(43));
    await signInThere(sso.url, jar);
    const first = jar.of(sso.url).get('keywright_session')!;
    expect(first).not.toBe('A'.repeat(43));
    await signInThere(sso.url, jar);
    expect(jar.of(sso.url).get('keywright_session')).not.toBe(first);
    const former = await graphql(sso.url, '{ viewer { permissions } }', {}, { bearer: first });
    expect(codes(former)).toEqual(['UNAUTHENTICATED']);
  });

  test('simultaneously in two browsers creates one user', async () => {
    sso.provider.be({ sub: 'dora', email: 'dora@example.test', groups: ['readers'] });
    const before = await countUsers();
    const jars = Array.from({ length: 6 }, () => new CookieJar());
    const callbacks = await Promise.all(jars.map((jar) => toCallback(sso.url, jar)));
    const ends = await Promise.all(jars.map((jar, i) => jar.get(callbacks[i]!)));
    expect(ends.map((end) => end.headers.get('location'))).toEqual(jars.map(() => '/docs'));
    expect(await countUsers()).toBe(before + 1);
  });

  test('with one address for several people creates one user, for the first of them', async () => {
    const before = await countUsers();
    const jars: [CookieJar, string][] = [];
    for (const sub of ['flo', 'flora', 'florence', 'florian']) {
      sso.provider.be({ sub, email: 'flo@example.test', groups: ['readers'] });
      const jar = new CookieJar();
      jars.push([jar, await toCallback(sso.url, jar)]);
    }
    const ends = await Promise.all(jars.map(([jar, callback]) => jar.get(callback)));
    const refused = ends.filter((end) => end.headers.get('location') !== '/docs');
    expect(refused).toHaveLength(3);
    for (const end of refused) expectProblem(end, 'email_unverified');
    expect(await countUsers()).toBe(before + 1);
  });

  test('rejects people who have neither an account nor a group with a role', async () => {
    const before = await countUsers();
    for (const groups of [
      undefined,
      [],
      ['strangers', '__proto__', 'constructor'],
      { readers: true },
      'lost',
    ]) {
      sso.provider.be({ sub: 'eve', email: 'eve@example.test', email_verified: true, groups });
      expectProblem(await signInThere(sso.url), 'not_allowed');
    }
    for (const email of [undefined, 'no address', 'a\0b@example.test']) {
      sso.provider.be({ sub: 'eve', ...(email ? { email } : {}), groups: ['readers'] });
      expectProblem(await signInThere(sso.url), 'email_missing');
    }
    expect(await countUsers()).toBe(before);
  });
});

test('lets invited people with a verified address sign in to accept, and grants nothing before', async () => {
  const owner = { bearer: await signIn(sso.url) };
  const { inviteUser } = await request<{ inviteUser: { passwordLink: { url: string } } }>(
    sso.url,
    `mutation { inviteUser(email: "ida@example.test", grants: [{ permissions: ["keywright.keys.read"] }]) {
       passwordLink { url } } }`,
    {},
    owner,
  );
  const token = inviteUser.passwordLink.url.split('#token=')[1];
  sso.provider.be({ sub: 'ida', email: 'ida@example.test' });
  expectProblem(await signInThere(sso.url), 'not_allowed');
  sso.provider.be({ sub: 'ida', email: 'Ida@example.test', email_verified: true });
  const jar = new CookieJar();
  await signInThere(sso.url, jar);
  expect(await viewerOf(sso.url, jar)).toMatchObject({ permissions: [] });
  const bearer = jar.of(sso.url).get('keywright_session')!;
  const ACCEPT = 'mutation ($token: String!) { acceptInvitation(token: $token) { id } }';
  expect(codes(await graphql(sso.url, ACCEPT, { token }, { bearer }))).toEqual([]);
  expect(await viewerOf(sso.url, jar)).toMatchObject({ permissions: ['keywright.keys.read'] });
});

describe('an account that exists', () => {
  const claimOwner = (sub: string, email_verified?: unknown, groups?: string[]): void =>
    sso.provider.be({ sub, email: OWNER.email.toUpperCase(), email_verified, groups });

  test('is not taken over through an unverified address', async () => {
    for (const verified of [undefined, false, 'true', 1, null]) {
      claimOwner('impostor', verified, ['readers']);
      expectProblem(await signInThere(sso.url), 'email_unverified');
      claimOwner('impostor', verified);
      expectProblem(await signInThere(sso.url), 'not_allowed');
    }
    sso.provider.be({
      sub: 'impostor',
      email: 'ｏwner@example.test',
      email_verified: true,
      groups: ['readers'],
    });
    expectProblem(await signInThere(sso.url), 'email_unverified');
    expect(
      await sso.keywright.database.query(`select 1 from user_identity where subject = 'impostor'`),
    ).toEqual([]);
  });

  test('is linked through a verified one, once, keeps its grants, and from then on signs in only through the provider', async () => {
    // A recipient of an invitation with a session does not necessarily own the address.
    const bearer = await signIn(sso.url);
    claimOwner('the owner', true);
    const jar = new CookieJar();
    await signInThere(sso.url, jar);
    expect(await viewerOf(sso.url, jar)).toMatchObject({ user: { email: OWNER.email }, permissions: ['*'] });
    await expect(signIn(sso.url)).rejects.toThrow('UNAUTHENTICATED');
    await expect(request(sso.url, '{ viewer { permissions } }', {}, { bearer })).rejects.toThrow(
      'UNAUTHENTICATED',
    );

    claimOwner('the next one with this address', true, ['readers']);
    expectProblem(await signInThere(sso.url), 'identity_conflict');
    // The address no longer matters.
    sso.provider.be({ sub: 'the owner' });
    const again = new CookieJar();
    await signInThere(sso.url, again);
    expect((await viewerOf(sso.url, again)).user.email).toBe(OWNER.email);
  });

  test('cannot sign in while disabled, by identity or by address', async () => {
    sso.provider.be({ sub: 'fay', email: 'fay@example.test', email_verified: true, groups: ['readers'] });
    await signInThere(sso.url);
    await sso.keywright.database.query(
      `update app_user set enabled = false where email = 'fay@example.test'`,
    );
    sso.provider.be({ sub: 'fay', email: 'fay@example.test', email_verified: true, groups: ['everything'] });
    expectProblem(await signInThere(sso.url), 'disabled');
    sso.provider.be({
      sub: 'fay the second',
      email: 'fay@example.test',
      email_verified: true,
      groups: ['readers'],
    });
    expectProblem(await signInThere(sso.url), 'disabled');
    const grants = await sso.keywright.database.query(
      `select r.name from user_grant g join role r on r.id = g.role_id join app_user u on u.id = g.user_id
       where u.email = 'fay@example.test'`,
    );
    expect(grants).toEqual([{ name: 'Test Reader' }]);
  });
});
