import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/servers/free-port.js';
import { codes, graphql, request, type Credential, type GraphqlResponse } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import {
  OWNER,
  startKeywright,
  temporaryDirectory,
  type Keywright,
} from '../support/servers/start-keywright.js';

const SIGN_IN = `mutation ($email: String!, $password: String!) {
  signIn(email: $email, password: $password) { session { token expiresAt user { id email } } twoFactorRequired challenge }
}`;
const VIEWER = '{ viewer { user { email } permissions preferences } }';

interface SignedIn {
  readonly signIn: { session: { token: string; expiresAt: string; user: { id: string; email: string } } };
}

let keywright: Keywright;
beforeAll(async () => {
  keywright = await startKeywright();
});
afterAll(() => keywright.stop());

const tryToSignIn = (email: string, password: string): Promise<GraphqlResponse<SignedIn>> =>
  graphql(keywright.url, SIGN_IN, { email, password });
const viewerCodes = async (credential: Credential): Promise<string[]> =>
  codes(await graphql(keywright.url, VIEWER, {}, credential));

/** Direct changes in the database take effect within a second; the rest is margin for slow machines. */
const soon = (credential: Credential, expected: string[]): Promise<void> =>
  eventually(async () => expect(await viewerCodes(credential)).toEqual(expected), 3000);

describe('signing in', () => {
  test('returns a token for scripts and a cookie for browsers, HttpOnly and SameSite=Lax', async () => {
    const response = await tryToSignIn(OWNER.email.toUpperCase(), OWNER.password);
    const { token, expiresAt, user } = response.data!.signIn.session;
    expect(user.email).toBe(OWNER.email);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(
      /^keywright_session=[A-Za-z0-9_-]{43}; Expires=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    for (const credential of [{ bearer: token }, { cookie: cookie.split(';')[0]! }]) {
      const data = await request<{ viewer: unknown }>(keywright.url, VIEWER, {}, credential);
      expect(data.viewer).toMatchObject({ user: { email: OWNER.email }, permissions: ['*'] });
    }
  });

  test('creates a new session each time, and ends the previous one', async () => {
    const first = await signIn(keywright.url);
    const again = await graphql<SignedIn>(
      keywright.url,
      SIGN_IN,
      { ...OWNER },
      { cookie: `keywright_session=${first}` },
    );
    expect(again.data!.signIn.session.token).not.toBe(first);
    expect(await viewerCodes({ bearer: first })).toEqual(['UNAUTHENTICATED']);
  });

  test('never adopts a session id chosen by the client', async () => {
    const chosen = 'A'.repeat(43);
    const response = await graphql<SignedIn>(
      keywright.url,
      SIGN_IN,
      { ...OWNER },
      { cookie: `keywright_session=${chosen}` },
    );
    expect(response.data!.signIn.session.token).not.toBe(chosen);
    expect(await viewerCodes({ bearer: chosen })).toEqual(['UNAUTHENTICATED']);
  });

  test('gives a wrong password and an unknown account the same answer', async () => {
    const [wrong, unknown] = await Promise.all([
      tryToSignIn(OWNER.email, 'not the password at all'),
      tryToSignIn('nobody@example.test', 'not the password at all'),
    ]);
    const outcomeOf = (response: GraphqlResponse<unknown>): unknown =>
      response.errors.map(({ extensions, ...rest }) => ({ ...rest, code: extensions.code }));
    expect(wrong.status).toBe(unknown.status);
    expect(outcomeOf(wrong)).toEqual(outcomeOf(unknown));
    expect(codes(wrong)).toEqual(['UNAUTHENTICATED']);
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  test('rejects passwords that are not text, without saying why', async () => {
    for (const password of ['', ' ', 'a\0b', 'a\ud800', 'x'.repeat(60_000), `${OWNER.password} `]) {
      const response = await tryToSignIn(`${password.length}@example.test`, password);
      expect(codes(response), JSON.stringify(password.slice(0, 20))).toEqual(['UNAUTHENTICATED']);
    }
    const typed = await graphql(keywright.url, SIGN_IN, { email: { a: 1 }, password: ['x'] });
    expect(typed.status).toBe(400);
    expect(codes(typed).every((code) => code === 'BAD_USER_INPUT')).toBe(true);
  });

  test('treats an address that cannot be stored as unknown, and counts guesses at it like any other', async () => {
    const outcomeOf = ({ status, errors }: GraphqlResponse<unknown>): unknown => [
      status,
      errors.map(({ extensions, ...rest }) => ({ ...rest, code: extensions.code })),
    ];
    const unknown = outcomeOf(await tryToSignIn('nobody.else@example.test', 'not the password at all'));
    for (const email of ['a\0b@example.test', '\0', '\ud800@example.test', `${OWNER.email}\0`]) {
      expect(outcomeOf(await tryToSignIn(email, OWNER.password)), JSON.stringify(email)).toEqual(unknown);
    }
    const guesses = await Promise.all(
      Array.from({ length: 12 }, () => tryToSignIn('many\0@example.test', 'not the password at all')),
    );
    const refused = guesses.filter((guess) => codes(guess)[0] === 'TOO_MANY_ATTEMPTS');
    expect(refused).toHaveLength(2);
    await keywright.database.query('delete from attempt');
  });

  test('stores neither token nor password in readable form', async () => {
    const token = await signIn(keywright.url);
    for (const table of ['session', 'app_user', 'audit_event', 'attempt']) {
      const rows = await keywright.database.query<{ row: string }>(`select t::text as row from ${table} t`);
      const all = rows.map(({ row }) => row).join('\n');
      expect(all).not.toContain(token);
      expect(all).not.toContain(OWNER.password);
    }
    const [user] = await keywright.database.query<{ password_hash: string }>(
      'select password_hash from app_user',
    );
    expect(user!.password_hash).toMatch(/^\$argon2id\$/);
    expect(keywright.process.stdout()).not.toContain(token);
  });
});

describe('a session', () => {
  test('ends on signing out, here and in the browser', async () => {
    const bearer = await signIn(keywright.url);
    const out = await graphql<{ signOut: boolean }>(keywright.url, 'mutation { signOut }', {}, { bearer });
    expect(out.data).toEqual({ signOut: true });
    expect(out.headers.getSetCookie()[0]).toMatch(/^keywright_session=; Max-Age=0; Path=\//);
    expect(await viewerCodes({ bearer })).toEqual(['UNAUTHENTICATED']);
    expect(await viewerCodes({ cookie: `keywright_session=${bearer}` })).toEqual(['UNAUTHENTICATED']);
    const again = await graphql<{ signOut: boolean }>(keywright.url, 'mutation { signOut }');
    expect(again.data).toEqual({ signOut: false });
  });

  test('ends a week after signing in, or after a day without use', async () => {
    for (const change of [
      "expires_at = now() - interval '1 second'",
      "last_seen_at = now() - interval '24 hours 1 second'",
    ]) {
      const bearer = await signIn(keywright.url);
      expect(await viewerCodes({ bearer })).toEqual([]);
      await keywright.database.query(`update session set ${change}`);
      await soon({ bearer }, ['UNAUTHENTICATED']);
    }
  });

  test('is kept alive by use', async () => {
    const bearer = await signIn(keywright.url);
    await keywright.database.query("update session set last_seen_at = now() - interval '23 hours'");
    expect(await viewerCodes({ bearer })).toEqual([]);
    const rows = await keywright.database.query<{ fresh: boolean }>(
      "select last_seen_at > now() - interval '1 minute' as fresh from session order by created_at desc limit 1",
    );
    expect(rows[0]!.fresh).toBe(true);
  });

  test('loses its rights when its user is disabled or loses grants', async () => {
    const bearer = await signIn(keywright.url);
    await keywright.database.query(
      "update user_grant set role_id = null, permissions = '{keywright.usage.read}'",
    );
    await eventually(async () => {
      const list = await graphql(keywright.url, '{ apiKeys { nodes { id } } }', {}, { bearer });
      expect(codes(list)).toEqual(['FORBIDDEN']);
    }, 3000);
    await keywright.database.query(
      "update user_grant set role_id = 'rol_00000000000000000000000000', permissions = '{}'",
    );
    await keywright.database.query('update app_user set enabled = false');
    await soon({ bearer }, ['UNAUTHENTICATED']);
    expect(codes(await tryToSignIn(OWNER.email, OWNER.password))).toEqual(['UNAUTHENTICATED']);
    await keywright.database.query('update app_user set enabled = true');
    await soon({ bearer }, []);
  });

  test('is audited from start to end', async () => {
    const bearer = await signIn(keywright.url);
    await request(keywright.url, 'mutation { signOut }', {}, { bearer });
    const rows = await keywright.database.query<{ action: string }>(
      'select action from audit_event order by seq desc limit 2',
    );
    expect(rows.map((row) => row.action)).toEqual(['user.signed_out', 'user.signed_in']);
  });
});

describe('a request', () => {
  test('with two credentials is rejected as ambiguous', async () => {
    const bearer = await signIn(keywright.url);
    const { secret } = await createKey(keywright.url, { bearer });
    for (const credential of [
      { bearer, apiKey: secret },
      { cookie: `keywright_session=${bearer}`, apiKey: secret },
      { cookie: `keywright_session=${bearer}`, bearer: 'B'.repeat(43) },
    ]) {
      const response = await graphql(keywright.url, VIEWER, {}, credential);
      expect(response.status).toBe(401);
      expect(codes(response)).toEqual(['UNAUTHENTICATED']);
      expect(response.errors[0]!.message).toMatch(/more than one credential/);
    }
  });

  test('with a key in Authorization gets a hint to use X-API-KEY', async () => {
    const { secret } = await createKey(keywright.url, { bearer: await signIn(keywright.url) });
    const response = await graphql(keywright.url, VIEWER, {}, { bearer: secret });
    expect(response.status).toBe(401);
    expect(response.errors[0]!.message).toMatch(/X-API-KEY/);
    const data = await request<{ viewer: { user: null; permissions: string[] } }>(
      keywright.url,
      VIEWER,
      {},
      { apiKey: secret },
    );
    expect(data.viewer).toMatchObject({ user: null, permissions: ['*'] });
  });

  test.each(['https://evil.test', 'null', 'http://127.0.0.1:1'])(
    'that the browser sends for a page of %s is rejected',
    async (origin) => {
      const cookie = `keywright_session=${await signIn(keywright.url)}`;
      const attempts: Record<string, string>[] = [
        { cookie, origin },
        { origin },
        { cookie, 'sec-fetch-site': 'cross-site' },
      ];
      for (const headers of attempts) {
        const response = await fetch(`${keywright.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ query: 'mutation { signOut }' }),
        });
        expect(response.status).toBe(403);
        expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
      }
      expect(await viewerCodes({ cookie })).toEqual([]);
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'of a kind that a form can send (%s) is rejected',
    async (type) => {
      const cookie = `keywright_session=${await signIn(keywright.url)}`;
      const response = await fetch(`${keywright.url}/graphql`, {
        method: 'POST',
        headers: { cookie, ...(type ? { 'content-type': type } : {}) },
        body: new TextEncoder().encode(JSON.stringify({ query: 'mutation { signOut }' })),
      });
      expect(response.status).toBe(415);
      expect(await viewerCodes({ cookie })).toEqual([]);
    },
  );
});

describe('preferences', () => {
  const SAVE =
    'mutation ($preferences: JSON!) { savePreferences(preferences: $preferences) { preferences } }';
  const save = (preferences: unknown, credential: Credential): Promise<GraphqlResponse<unknown>> =>
    graphql(keywright.url, SAVE, { preferences }, credential);

  test('are kept unchanged, even with names that break other programs', async () => {
    const bearer = await signIn(keywright.url);
    const preferences = JSON.parse(
      '{"__proto__": {"a": 1}, "columns": ["name", "<b>"], "density": null}',
    ) as unknown;
    expect(codes(await save(preferences, { bearer }))).toEqual([]);
    const data = await request<{ viewer: { preferences: unknown } }>(keywright.url, VIEWER, {}, { bearer });
    // The database stores JSON fields in its own order.
    const members = Object.entries(data.viewer.preferences as object).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(members).toEqual([
      ['__proto__', { a: 1 }],
      ['columns', ['name', '<b>']],
      ['density', null],
    ]);
  });

  test('are rejected if they are not an object, too large or nested too deep', async () => {
    const bearer = await signIn(keywright.url);
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`);
    for (const preferences of [
      [],
      'text',
      5,
      null,
      { a: 'x'.repeat(20_000) },
      deep,
      { a: '\0' },
      { a: 2 ** 60 },
    ]) {
      const response = await save(preferences, { bearer });
      expect(codes(response), JSON.stringify(preferences).slice(0, 40)).toEqual(['BAD_USER_INPUT']);
    }
    expect(codes(await save({}, {}))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('guessing', () => {
  test('is limited to ten tries per account, even concurrent ones, and then even the right password waits', async () => {
    const email = 'victim@example.test';
    const guesses = await Promise.all(
      Array.from({ length: 25 }, (_, i) => tryToSignIn(email, `guess number ${i}`)),
    );
    const answers = guesses.map((guess) => codes(guess)[0]);
    expect(answers.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(10);
    expect(answers.filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(15);
    const refused = guesses.find((guess) => codes(guess)[0] === 'TOO_MANY_ATTEMPTS')!;
    expect(refused.errors[0]!.extensions).toMatchObject({ retryAfterSeconds: expect.any(Number) as number });
    expect(codes(await tryToSignIn('VICTIM@example.test ', 'another guess'))).toEqual(['TOO_MANY_ATTEMPTS']);
    await signIn(keywright.url);
  });

  test('counts guesses, not requests: aliases in one request gain nothing', async () => {
    const aliases = Array.from(
      { length: 15 },
      (_, i) => `g${i}: signIn(email: "alias@example.test", password: "guess ${i}") { twoFactorRequired }`,
    );
    const response = await graphql(keywright.url, `mutation { ${aliases.join(' ')} }`);
    expect(response.data).toBeNull();
    const left = await Promise.all(
      Array.from({ length: 12 }, () => tryToSignIn('alias@example.test', 'one more guess')),
    );
    expect(left.filter((guess) => codes(guess)[0] === 'UNAUTHENTICATED').length).toBeLessThanOrEqual(9);
  });

  test('is limited to fifty tries per address, over all accounts', async () => {
    await keywright.database.query('delete from attempt');
    const guesses = await Promise.all(
      Array.from({ length: 60 }, (_, i) => tryToSignIn(`account${i}@example.test`, 'the same guess')),
    );
    const refused = guesses.filter((guess) => codes(guess)[0] === 'TOO_MANY_ATTEMPTS');
    expect(refused).toHaveLength(10);
    expect(codes(await tryToSignIn(OWNER.email, OWNER.password))).toEqual(['TOO_MANY_ATTEMPTS']);
    await keywright.database.query("update attempt set window_ends_at = now() - interval '1 second'");
    await signIn(keywright.url);
  });
});

test('under https the cookie is Secure and bound to this host', async () => {
  const dataDir = await temporaryDirectory();
  const port = String(await freePort());
  const settings = { ...keywright.settings, KEYWRIGHT_DATA_DIR: dataDir, PORT: port };
  const server = spawnServer({ ...settings, PUBLIC_URL: 'https://keys.example.test' });
  const base = `http://127.0.0.1:${port}`;
  try {
    await eventually(() => fetch(`${base}/livez`));
    const response = await graphql(base, SIGN_IN, { ...OWNER });
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(
      /^__Host-keywright_session=[^;]+; Expires=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(response.headers.get('strict-transport-security')).toMatch(/max-age=/);
    const pair = cookie.split(';')[0]!;
    expect(codes(await graphql(base, VIEWER, {}, { cookie: pair.replace('__Host-', '') }))).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(codes(await graphql(base, VIEWER, {}, { cookie: pair }))).toEqual([]);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
