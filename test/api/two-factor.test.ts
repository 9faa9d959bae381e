import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/client.js';
import { Authenticator } from '../support/authenticator.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql, request, type Credential, type GraphqlResponse } from '../support/graphql.js';
import { People, type Person } from '../support/people.js';
import { OWNER, startKeywright, type Keywright } from '../support/start-keywright.js';
import { subscribe } from '../support/subscribe.js';

const VIEWER =
  '{ viewer { user { id twoFactorEnabled } permissions recoveryCodesLeft twoFactorSetupRequired sessions { id } } }';
const BEGIN = 'mutation ($password: String!) { beginTwoFactor(password: $password) { secret uri } }';
const CONFIRM = 'mutation ($code: String!) { confirmTwoFactor(code: $code) }';
const DISABLE =
  'mutation ($password: String!, $code: String!) { disableTwoFactor(password: $password, code: $code) }';
const RENEW =
  'mutation ($password: String!, $code: String!) { renewRecoveryCodes(password: $password, code: $code) }';
const RESET = 'mutation ($id: ID!) { resetTwoFactor(userId: $id) { id twoFactorEnabled } }';
const REQUIRE = 'mutation ($required: Boolean!) { setTwoFactorRequired(required: $required) }';
const KEYS = '{ apiKeys { nodes { id } } }';

/** How long what was read of a session counts; see session-memory.ts. */
const BELIEVED_MS = 1000;

interface Viewer {
  readonly viewer: {
    readonly user: { readonly id: string; readonly twoFactorEnabled: boolean };
    readonly permissions: string[];
    readonly recoveryCodesLeft: number | null;
    readonly twoFactorSetupRequired: boolean;
    readonly sessions: { readonly id: string }[];
  };
}

let keywright: Keywright;
let people: People;
beforeAll(async () => {
  keywright = await startKeywright();
  people = new People(keywright, { bearer: await signIn(keywright.url) });
});
afterEach(() => keywright.database.query('delete from attempt'));
afterAll(() => keywright.stop());

const ask = <Data = Record<string, unknown>>(
  query: string,
  variables: Record<string, unknown>,
  bearer: string,
): Promise<GraphqlResponse<Data>> => graphql<Data>(keywright.url, query, variables, { bearer });
const viewer = async (bearer: string): Promise<Viewer['viewer']> =>
  (await request<Viewer>(keywright.url, VIEWER, {}, { bearer })).viewer;
const told = ({ status, errors }: GraphqlResponse<unknown>): unknown => [
  status,
  errors.map(({ message, path, extensions: { code, fields } }) => ({ message, path, code, fields })),
];
const actions = async (userId: string): Promise<string[]> => {
  const rows = await keywright.database.query<{ action: string }>(
    'select action from audit_event where target_id = $1 order by seq',
    [userId],
  );
  return rows.map(({ action }) => action);
};

interface Enrolled extends Person {
  readonly bearer: string;
  readonly authenticator: Authenticator;
  readonly recoveryCodes: string[];
}

async function enrolled(permissions: readonly string[] = []): Promise<Enrolled> {
  const person = await people.add(permissions);
  const bearer = await people.signIn(person);
  return { ...person, bearer, ...(await people.enrol(bearer, person.password)) };
}

describe('enrolling', () => {
  test('needs the password, gives a secret and its URI, and changes nothing before a code confirms it', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    const wrong = await ask(BEGIN, { password: 'not the password' }, bearer);
    expect(told(wrong)).toMatchObject([200, [{ code: 'BAD_USER_INPUT', fields: [{ path: 'password' }] }]]);
    const { data } = await ask<{ beginTwoFactor: { secret: string; uri: string } }>(
      BEGIN,
      { password: person.password },
      bearer,
    );
    const { secret, uri } = data!.beginTwoFactor;
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri).toBe(
      `otpauth://totp/Keywright:${encodeURIComponent(person.email)}?secret=${secret}&issuer=Keywright&algorithm=SHA1&digits=6&period=30`,
    );
    expect(await viewer(bearer)).toMatchObject({
      user: { twoFactorEnabled: false },
      recoveryCodesLeft: null,
    });
    await people.signIn(person);
    const authenticator = new Authenticator(secret);
    expect(codes(await ask(CONFIRM, { code: authenticator.code(10) }, bearer))).toEqual(['BAD_USER_INPUT']);
    const confirmed = await ask<{ confirmTwoFactor: string[] }>(
      CONFIRM,
      { code: authenticator.code() },
      bearer,
    );
    expect(new Set(confirmed.data!.confirmTwoFactor).size).toBe(10);
    expect(await viewer(bearer)).toMatchObject({ user: { twoFactorEnabled: true }, recoveryCodesLeft: 10 });
    expect(await actions(person.id)).toContain('user.twoFactorEnable');
  });

  test('ends the other sessions of the user, so that a password alone never comes to more', async () => {
    const person = await people.add();
    const other = await people.signIn(person);
    const bearer = await people.signIn(person);
    await people.enrol(bearer, person.password);
    expect(codes(await ask(VIEWER, {}, other))).toEqual(['UNAUTHENTICATED']);
    expect((await viewer(bearer)).sessions).toHaveLength(1);
  });

  test('needs no code of an earlier attempt, and none after half an hour', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    const begin = async (): Promise<Authenticator> => {
      const { data } = await ask<{ beginTwoFactor: { secret: string } }>(
        BEGIN,
        { password: person.password },
        bearer,
      );
      return new Authenticator(data!.beginTwoFactor.secret);
    };
    expect(codes(await ask(CONFIRM, { code: '123456' }, bearer))).toEqual(['CONFLICT']);
    const [first, second] = [await begin(), await begin()];
    expect(codes(await ask(CONFIRM, { code: first.code() }, bearer))).toEqual(['BAD_USER_INPUT']);
    await keywright.database.query(
      "update two_factor set begun_at = now() - interval '31 minutes' where user_id = $1",
      [person.id],
    );
    expect(codes(await ask(CONFIRM, { code: second.code() }, bearer))).toEqual(['CONFLICT']);
  });

  test('replaces nothing that is active', async () => {
    const { bearer, password, authenticator } = await enrolled();
    expect(codes(await ask(BEGIN, { password }, bearer))).toEqual(['CONFLICT']);
    expect(codes(await ask(CONFIRM, { code: await authenticator.fresh() }, bearer))).toEqual(['CONFLICT']);
  });

  test('is for people only', async () => {
    const { secret } = await createKey(keywright.url, people.owner);
    for (const [credential, code] of [
      [{ apiKey: secret }, 'FORBIDDEN'],
      [{}, 'UNAUTHENTICATED'],
    ] as [Credential, string][]) {
      const variables = { password: OWNER.password, code: '123456' };
      for (const query of [BEGIN, CONFIRM, DISABLE, RENEW]) {
        const used = Object.fromEntries(
          Object.entries(variables).filter(([name]) => query.includes(`$${name}:`)),
        );
        expect(codes(await graphql(keywright.url, query, used, credential)), query).toEqual([code]);
      }
    }
  });
});

describe('signing in with a second factor', () => {
  test('asks for a code, and only then starts a session', async () => {
    const person = await enrolled();
    const first = await people.tryToSignIn(person.email, person.password);
    expect(first.data!.answer).toEqual({
      session: null,
      twoFactorRequired: true,
      challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(first.headers.getSetCookie()).toEqual([]);
    const challenge = first.data!.answer.challenge!;
    expect(codes(await ask(VIEWER, {}, challenge))).toEqual(['UNAUTHENTICATED']);
    const second = await people.complete(challenge, await person.authenticator.fresh());
    expect(second.data!.answer).toMatchObject({ twoFactorRequired: false, challenge: null });
    expect(second.headers.getSetCookie()[0]).toMatch(
      /^keywright_session=[\w-]{43}; .*HttpOnly; SameSite=Lax$/,
    );
    expect((await viewer(second.data!.answer.session!.token)).user.id).toBe(person.id);
  });

  test('ends the session it came with once it is finished, and not before', async () => {
    const person = await enrolled();
    const { data } = await people.tryToSignIn(person.email, person.password, person.bearer);
    expect(codes(await ask(VIEWER, {}, person.bearer))).toEqual([]);
    const finished = await people.complete(data!.answer.challenge!, person.recoveryCodes[0]!, person.bearer);
    expect(finished.data!.answer.session!.token).not.toBe(person.bearer);
    expect(codes(await ask(VIEWER, {}, person.bearer))).toEqual(['UNAUTHENTICATED']);
  });

  test('tells a wrong password as it tells an account that does not exist', async () => {
    const person = await enrolled();
    const wrong = told(await people.tryToSignIn(person.email, 'not the password'));
    expect(wrong).toEqual(told(await people.tryToSignIn('nobody@example.test', 'not the password')));
  });

  test('takes each code once, however many sign-ins try it at the same time', async () => {
    const person = await enrolled();
    const challenges = await Promise.all(Array.from({ length: 5 }, () => people.challenge(person)));
    const code = await person.authenticator.fresh();
    const answers = await Promise.all(challenges.map((challenge) => people.complete(challenge, code)));
    expect(answers.filter(({ data }) => data?.answer.session)).toHaveLength(1);
    expect(answers.flatMap(codes)).toEqual(Array.from({ length: 4 }, () => 'BAD_USER_INPUT'));
    expect(codes(await people.complete(await people.challenge(person), code))).toEqual(['BAD_USER_INPUT']);
  });

  test('takes no code from before the last one', async () => {
    const person = await enrolled();
    const { authenticator } = person;
    await keywright.database.query('update two_factor set last_step = 0 where user_id = $1', [person.id]);
    const late = authenticator.code(1);
    const early = authenticator.code(0);
    expect(codes(await people.complete(await people.challenge(person), late))).toEqual([]);
    expect(codes(await people.complete(await people.challenge(person), early))).toEqual(['BAD_USER_INPUT']);
  });

  test('allows for clocks that are a step apart, and no more', async () => {
    const person = await enrolled();
    const forget = (): Promise<unknown> =>
      keywright.database.query('update two_factor set last_step = 0 where user_id = $1', [person.id]);
    for (const [offset, expected] of [
      [1, []],
      [0, []],
      [3, ['BAD_USER_INPUT']],
      [-3, ['BAD_USER_INPUT']],
    ] as const) {
      await forget();
      const answer = await people.complete(await people.challenge(person), person.authenticator.code(offset));
      expect(codes(answer), `offset ${offset}`).toEqual(expected);
    }
  });

  test('ends with the challenge: used, expired, or after five wrong codes', async () => {
    const person = await enrolled();
    const used = await people.challenge(person);
    const code = await person.authenticator.fresh();
    expect(codes(await people.complete(used, code))).toEqual([]);
    const gone = told(await people.complete(used, await person.authenticator.fresh()));
    expect(gone).toMatchObject([200, [{ code: 'UNAUTHENTICATED' }]]);

    const expired = await people.challenge(person);
    await keywright.database.query("update sign_in_challenge set expires_at = now() - interval '1 second'");
    expect(told(await people.complete(expired, person.recoveryCodes[0]!))).toEqual(gone);

    const guessed = await people.challenge(person);
    const guesses: string[] = [];
    for (let i = 0; i < 5; i++)
      guesses.push(...codes(await people.complete(guessed, person.authenticator.code(10 + i))));
    expect(guesses).toEqual([...Array.from({ length: 4 }, () => 'BAD_USER_INPUT'), 'UNAUTHENTICATED']);
    expect(told(await people.complete(guessed, person.recoveryCodes[0]!))).toEqual(gone);

    const odd = await people.challenge(person);
    for (const text of ['', '\0', '\ud800', '１２３４５６']) {
      expect(codes(await people.complete(odd, text)), JSON.stringify(text)).toEqual(['BAD_USER_INPUT']);
    }
    for (const none of ['', 'A'.repeat(43), `${'A'.repeat(42)}\0`, 'x'.repeat(100_000)]) {
      expect(told(await people.complete(none, '123456'))).toEqual(gone);
    }
  });

  test('gets five tries from a challenge, however many run at once', async () => {
    const person = await enrolled();
    const challenge = await people.challenge(person);
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, i) => people.complete(challenge, person.authenticator.code(20 + i))),
    );
    const tries = answers
      .flatMap(({ errors }) => errors)
      .filter(({ extensions }) => extensions.code === 'BAD_USER_INPUT');
    expect(tries.length).toBeLessThanOrEqual(4);
    expect(codes(await people.complete(challenge, person.recoveryCodes[0]!))).toEqual(['UNAUTHENTICATED']);
  });

  test('binds a challenge to its user', async () => {
    const [one, two] = [await enrolled(), await enrolled()];
    const challenge = await people.challenge(one);
    for (const code of [await two.authenticator.fresh(), two.recoveryCodes[0]!]) {
      expect(codes(await people.complete(challenge, code))).toEqual(['BAD_USER_INPUT']);
    }
    expect((await viewer(two.bearer)).recoveryCodesLeft).toBe(10);
  });

  test('is no use once the user is disabled or the password is another', async () => {
    const person = await enrolled();
    const disabled = await people.challenge(person);
    await keywright.database.query('update app_user set enabled = false where id = $1', [person.id]);
    expect(codes(await people.complete(disabled, person.recoveryCodes[0]!))).toEqual(['UNAUTHENTICATED']);
    await keywright.database.query('update app_user set enabled = true where id = $1', [person.id]);
    const outdated = await people.challenge(person);
    await people.choose(await people.link(person.id), 'another password');
    expect(codes(await people.complete(outdated, person.recoveryCodes[0]!))).toEqual(['UNAUTHENTICATED']);
  });

  test('takes a code that was sealed for another user for none', async () => {
    const [one, two] = [await enrolled(), await enrolled()];
    await keywright.database.query(
      'update two_factor set sealed_secret = (select sealed_secret from two_factor where user_id = $2), last_step = 0 where user_id = $1',
      [one.id, two.id],
    );
    const answer = await people.complete(await people.challenge(one), two.authenticator.code());
    expect(codes(answer)).toEqual(['INTERNAL']);
    expect(answer.data).toBeNull();
  });
});

describe('guessing codes', () => {
  test('gets ten tries at an account in an hour, and the right password gives no more', async () => {
    const person = await enrolled();
    const answers: string[] = [];
    for (let i = 0; i < 13; i++) {
      const answer = await people.complete(await people.challenge(person), person.authenticator.code(30 + i));
      answers.push(codes(answer)[0]!);
    }
    expect(answers.filter((code) => code === 'BAD_USER_INPUT')).toHaveLength(10);
    expect(answers.slice(10)).toEqual(Array.from({ length: 3 }, () => 'TOO_MANY_ATTEMPTS'));
    const challenge = await people.challenge(person);
    const right = await person.authenticator.fresh();
    expect(codes(await people.complete(challenge, right))).toEqual(['TOO_MANY_ATTEMPTS']);
    // What a session asks for is counted with it.
    expect(codes(await ask(DISABLE, { password: person.password, code: right }, person.bearer))).toEqual([
      'TOO_MANY_ATTEMPTS',
    ]);
    await keywright.database.query("update attempt set window_ends_at = now() - interval '1 second'");
    expect(codes(await people.complete(await people.challenge(person), right))).toEqual([]);
  });

  test('is counted for the address too', async () => {
    const person = await enrolled();
    await keywright.database.query(
      "insert into attempt (subject, failures, window_ends_at) values ('address:127.0.0.1', 49, now() + interval '1 minute') " +
        'on conflict (subject) do update set failures = 49, window_ends_at = excluded.window_ends_at',
    );
    const challenge = await people.challenge(person);
    expect(codes(await people.complete(challenge, person.authenticator.code(50)))).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(codes(await people.complete(challenge, person.recoveryCodes[0]!))).toEqual(['TOO_MANY_ATTEMPTS']);
  });

  test('of the own password in a session is limited as well', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, i) => ask(BEGIN, { password: `guess ${i}` }, bearer)),
    );
    expect(answers.flatMap(codes).filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(4);
    expect(codes(await ask(BEGIN, { password: person.password }, bearer))).toEqual(['TOO_MANY_ATTEMPTS']);
  });
});

describe('a recovery code', () => {
  test('stands in for the app once, however it is typed', async () => {
    const person = await enrolled();
    const [first, second] = person.recoveryCodes as [string, string];
    const typed = ` ${first.toUpperCase().replaceAll('-', ' ')} `;
    const answer = await people.complete(await people.challenge(person), typed);
    const bearer = answer.data!.answer.session!.token;
    expect((await viewer(bearer)).recoveryCodesLeft).toBe(9);
    expect(await actions(person.id)).toContain('user.recoveryCodeUse');
    expect(codes(await people.complete(await people.challenge(person), first))).toEqual(['BAD_USER_INPUT']);
    const challenges = await Promise.all(Array.from({ length: 5 }, () => people.challenge(person)));
    const answers = await Promise.all(challenges.map((challenge) => people.complete(challenge, second)));
    expect(answers.filter(({ data }) => data?.answer.session)).toHaveLength(1);
  });

  test('is worth nothing after new ones were made', async () => {
    const person = await enrolled();
    const [old, proof] = person.recoveryCodes as [string, string];
    const { data } = await ask<{ renewRecoveryCodes: string[] }>(
      RENEW,
      { password: person.password, code: proof },
      person.bearer,
    );
    expect(data!.renewRecoveryCodes).toHaveLength(10);
    expect(codes(await people.complete(await people.challenge(person), old))).toEqual(['BAD_USER_INPUT']);
    expect(
      codes(await people.complete(await people.challenge(person), data!.renewRecoveryCodes[3]!)),
    ).toEqual([]);
    expect(await actions(person.id)).toEqual(
      expect.arrayContaining(['user.recoveryCodesRenew', 'user.recoveryCodeUse']),
    );
  });
});

describe('turning it off', () => {
  test('needs the password and a code', async () => {
    const person = await enrolled();
    const { password, bearer, authenticator } = person;
    const right = await authenticator.fresh();
    expect(codes(await ask(DISABLE, { password: 'wrong password', code: right }, bearer))).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(codes(await ask(DISABLE, { password, code: authenticator.code(9) }, bearer))).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(codes(await ask(DISABLE, { password, code: right }, bearer))).toEqual([]);
    expect(await viewer(bearer)).toMatchObject({
      user: { twoFactorEnabled: false },
      recoveryCodesLeft: null,
    });
    await people.signIn(person);
    expect(await actions(person.id)).toContain('user.twoFactorDisable');
    expect(codes(await ask(DISABLE, { password, code: right }, bearer))).toEqual(['CONFLICT']);
    expect(codes(await ask(RENEW, { password, code: right }, bearer))).toEqual(['CONFLICT']);
  });

  test('for others is for whoever manages users and holds what they hold', async () => {
    const person = await enrolled(['keywright.logs.read']);
    const helper = await people.signIn(await people.add(['keywright.users.manage', 'keywright.logs.read']));
    const weak = await people.signIn(await people.add(['keywright.users.manage']));
    const none = await people.signIn(await people.add());
    const owner = (await viewer(people.owner.bearer)).user.id;
    expect(codes(await ask(RESET, { id: person.id }, none))).toEqual(['FORBIDDEN']);
    expect(codes(await ask(RESET, { id: person.id }, weak))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await ask(RESET, { id: owner }, helper))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await ask(RESET, { id: owner }, people.owner.bearer))).toEqual(['FORBIDDEN']);
    for (const id of ['', 'usr_nobody', `usr_${'0'.repeat(26)}`, 'a\0b']) {
      expect(codes(await ask(RESET, { id }, helper)), id).toEqual(['NOT_FOUND']);
    }
    const challenge = await people.challenge(person);
    const reset = await ask(RESET, { id: person.id }, helper);
    expect(reset.data).toEqual({ resetTwoFactor: { id: person.id, twoFactorEnabled: false } });
    expect(codes(await people.complete(challenge, person.recoveryCodes[0]!))).toEqual(['UNAUTHENTICATED']);
    await people.signIn(person);
    expect(await actions(person.id)).toContain('user.twoFactorReset');
  });
});

describe('a second factor that everyone needs', () => {
  let key: { apiKey: string };
  // A key is no person: the owner has no second factor, and would lock themselves out.
  beforeAll(async () => {
    key = { apiKey: (await createKey(keywright.url, people.owner)).secret };
  });
  const set = (required: boolean): Promise<GraphqlResponse<unknown>> =>
    graphql(keywright.url, REQUIRE, { required }, key);
  afterEach(() => set(false));

  test('leaves whoever has none nothing but to enrol, at once and for open sessions too', async () => {
    const person = await people.add(['*']);
    const bearer = await people.signIn(person);
    expect(codes(await ask(KEYS, {}, bearer))).toEqual([]);
    expect((await set(true)).data).toEqual({ setTwoFactorRequired: true });
    for (const session of [bearer, await people.signIn(person)]) {
      expect(await viewer(session)).toMatchObject({ permissions: [], twoFactorSetupRequired: true });
      for (const query of [
        KEYS,
        '{ auditEvents { nodes { id } } }',
        'mutation { createApiKey(input: { name: "x", permissions: [] }) { apiKey { id } } }',
        'mutation { setTwoFactorRequired(required: false) }',
        `mutation { endUserSessions(userId: "${person.id}") }`,
        `mutation { issuePasswordLink(userId: "${person.id}") { id } }`,
      ]) {
        expect(codes(await ask(query, {}, session)), query).toEqual(['FORBIDDEN']);
      }
      const save = await ask(
        'mutation { savePreferences(preferences: { a: 1 }) { preferences } }',
        {},
        session,
      );
      expect(codes(save)).toEqual([]);
    }
    const other = await people.signIn(person);
    await people.enrol(bearer, person.password);
    expect(await viewer(bearer)).toMatchObject({ permissions: ['*'], twoFactorSetupRequired: false });
    expect(codes(await ask(KEYS, {}, bearer))).toEqual([]);
    expect(codes(await ask(KEYS, {}, other))).toEqual(['UNAUTHENTICATED']);
  });

  test('follows within a second in another process', async () => {
    const bearer = await people.signIn(await people.add(['*']));
    await viewer(bearer);
    await keywright.database.query('update installation set two_factor_required = true');
    await eventually(async () => expect((await viewer(bearer)).permissions).toEqual([]), 1500);
  });

  test('ends subscriptions of those who have none', async () => {
    const bearer = await people.signIn(await people.add(['*']));
    const live = await subscribe<unknown>(
      keywright.url,
      'subscription { apiKeyChanged { action } }',
      {},
      { cookie: `keywright_session=${bearer}` },
    );
    await set(true);
    await createKey(keywright.url, key);
    await expect(live.next()).rejects.toThrow(/What you may do has changed/);
    await live.close();
  });

  test('exempts those whom an identity provider signs in, and keys', async () => {
    const person = await people.add(['keywright.keys.read']);
    const bearer = await people.signIn(person);
    await set(true);
    expect(await viewer(bearer)).toMatchObject({ permissions: [], twoFactorSetupRequired: true });
    // As if the identity provider had started this session; that it really does is tested with a provider.
    await keywright.database.query("update session set method = 'OIDC' where user_id = $1", [person.id]);
    await keywright.database.query('update app_user set external = true where id = $1', [person.id]);
    await sleep(BELIEVED_MS + 100);
    expect(await viewer(bearer)).toMatchObject({
      permissions: ['keywright.keys.read'],
      twoFactorSetupRequired: false,
    });
    expect(codes(await graphql(keywright.url, KEYS, {}, key))).toEqual([]);
    expect(codes(await people.tryToSignIn(person.email, person.password))).toEqual(['UNAUTHENTICATED']);
  });

  test('is told to the signed in, audited, and set by whoever manages settings', async () => {
    const INSTALLATION = '{ installation { twoFactorRequired localSignIn mailEnabled } }';
    const manager = await people.signIn(await people.add(['keywright.settings.manage']));
    const none = await people.signIn(await people.add());
    expect(codes(await ask(REQUIRE, { required: true }, none))).toEqual(['FORBIDDEN']);
    expect(codes(await graphql(keywright.url, REQUIRE, { required: true }))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await ask(REQUIRE, { required: true }, manager))).toEqual([]);
    await set(true);
    expect((await ask(INSTALLATION, {}, none)).data).toMatchObject({
      installation: { twoFactorRequired: true },
    });
    expect((await graphql(keywright.url, INSTALLATION)).data).toEqual({
      installation: { twoFactorRequired: null, localSignIn: true, mailEnabled: false },
    });
    const rows = await keywright.database.query(
      `select changes from audit_event where action = 'settings.update' order by seq desc limit 2`,
    );
    // Setting what is set already is no change.
    expect(rows[1]).toEqual({ changes: { twoFactorRequired: { before: true, after: false } } });
    expect(rows[0]).toEqual({ changes: { twoFactorRequired: { before: false, after: true } } });
  });
});

test('nothing of a second factor can be read from the database', async () => {
  const person = await enrolled();
  const challenge = await people.challenge(person);
  const hex = Buffer.from(challenge).toString('hex');
  const tables = ['two_factor', 'recovery_code', 'sign_in_challenge', 'audit_event', 'attempt'];
  for (const table of tables) {
    const rows = await keywright.database.query(`select t::text as row from ${table} t`);
    const all = JSON.stringify(rows).toLowerCase();
    for (const secret of [person.authenticator.secret, challenge, hex, ...person.recoveryCodes]) {
      expect(all).not.toContain(secret.toLowerCase());
      expect(all).not.toContain(secret.toLowerCase().replaceAll('-', ''));
    }
  }
  expect(keywright.process.stdout()).not.toContain(challenge);
});
