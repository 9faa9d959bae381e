import { describe, expect, test } from 'vitest';
import { Authenticator } from '../support/peers/authenticator.js';
import { createKey } from '../support/peers/client.js';
import { codes, graphql, type Credential } from '../support/peers/graphql.js';
import { OWNER } from '../support/servers/start-keywright.js';
import { TwoFactorWorld, VIEWER } from '../support/seed/two-factor-world.js';

const BEGIN = 'mutation ($password: String!) { beginTwoFactor(password: $password) { secret uri } }';
const CONFIRM = 'mutation ($code: String!) { confirmTwoFactor(code: $code) }';
const DISABLE =
  'mutation ($password: String!, $code: String!) { disableTwoFactor(password: $password, code: $code) }';
const RENEW =
  'mutation ($password: String!, $code: String!) { renewRecoveryCodes(password: $password, code: $code) }';

const world = new TwoFactorWorld();
const { ask, viewer, outcomeOf, actions, enrolled } = world;

describe('enrolling', () => {
  test('requires the password, returns a secret and its URI, and changes nothing until a code confirms it', async () => {
    const person = await world.people.add();
    const bearer = await world.people.signIn(person);
    const wrong = await ask(BEGIN, { password: 'not the password' }, bearer);
    expect(outcomeOf(wrong)).toMatchObject([
      200,
      [{ code: 'BAD_USER_INPUT', fields: [{ path: 'password' }] }],
    ]);
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
    await world.people.signIn(person);
    const authenticator = new Authenticator(secret);
    expect(codes(await ask(CONFIRM, { code: authenticator.code(10) }, bearer))).toEqual(['BAD_USER_INPUT']);
    const confirmed = await ask<{ confirmTwoFactor: string[] }>(
      CONFIRM,
      { code: authenticator.code() },
      bearer,
    );
    expect(new Set(confirmed.data!.confirmTwoFactor).size).toBe(10);
    expect(await viewer(bearer)).toMatchObject({ user: { twoFactorEnabled: true }, recoveryCodesLeft: 10 });
    expect(await actions(person.id)).toContain('user.two_factor_enabled');
  });

  test('ends the other sessions of the user, so that a password alone is never enough', async () => {
    const person = await world.people.add();
    const other = await world.people.signIn(person);
    const bearer = await world.people.signIn(person);
    await world.people.enrol(bearer, person.password);
    expect(codes(await ask(VIEWER, {}, other))).toEqual(['UNAUTHENTICATED']);
    expect((await viewer(bearer)).sessions).toHaveLength(1);
  });

  test('accepts no code of an earlier attempt, and none after half an hour', async () => {
    const person = await world.people.add();
    const bearer = await world.people.signIn(person);
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
    await world.keywright.database.query(
      "update two_factor set begun_at = now() - interval '31 minutes' where user_id = $1",
      [person.id],
    );
    expect(codes(await ask(CONFIRM, { code: second.code() }, bearer))).toEqual(['CONFLICT']);
  });

  test('does not replace an active one', async () => {
    const { bearer, password, authenticator } = await enrolled();
    expect(codes(await ask(BEGIN, { password }, bearer))).toEqual(['CONFLICT']);
    expect(codes(await ask(CONFIRM, { code: await authenticator.fresh() }, bearer))).toEqual(['CONFLICT']);
  });

  test('is for people only', async () => {
    const { secret } = await createKey(world.keywright.url, world.people.owner);
    for (const [credential, code] of [
      [{ apiKey: secret }, 'FORBIDDEN'],
      [{}, 'UNAUTHENTICATED'],
    ] as [Credential, string][]) {
      const variables = { password: OWNER.password, code: '123456' };
      for (const query of [BEGIN, CONFIRM, DISABLE, RENEW]) {
        const used = Object.fromEntries(
          Object.entries(variables).filter(([name]) => query.includes(`$${name}:`)),
        );
        expect(codes(await graphql(world.keywright.url, query, used, credential)), query).toEqual([code]);
      }
    }
  });
});

describe('signing in with a second factor', () => {
  test('asks for a code, and only then starts a session', async () => {
    const person = await enrolled();
    const first = await world.people.tryToSignIn(person.email, person.password);
    expect(first.data!.answer).toEqual({
      session: null,
      twoFactorRequired: true,
      challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(first.headers.getSetCookie()).toEqual([]);
    const challenge = first.data!.answer.challenge!;
    expect(codes(await ask(VIEWER, {}, challenge))).toEqual(['UNAUTHENTICATED']);
    const second = await world.people.complete(challenge, await person.authenticator.fresh());
    expect(second.data!.answer).toMatchObject({ twoFactorRequired: false, challenge: null });
    expect(second.headers.getSetCookie()[0]).toMatch(
      /^keywright_session=[\w-]{43}; .*HttpOnly; SameSite=Lax$/,
    );
    expect((await viewer(second.data!.answer.session!.token)).user.id).toBe(person.id);
  });

  test('ends the previous session once it is complete, and not before', async () => {
    const person = await enrolled();
    const { data } = await world.people.tryToSignIn(person.email, person.password, person.bearer);
    expect(codes(await ask(VIEWER, {}, person.bearer))).toEqual([]);
    const finished = await world.people.complete(
      data!.answer.challenge!,
      person.recoveryCodes[0]!,
      person.bearer,
    );
    expect(finished.data!.answer.session!.token).not.toBe(person.bearer);
    expect(codes(await ask(VIEWER, {}, person.bearer))).toEqual(['UNAUTHENTICATED']);
  });

  test('gives a wrong password the same answer as a nonexistent account', async () => {
    const person = await enrolled();
    const wrong = outcomeOf(await world.people.tryToSignIn(person.email, 'not the password'));
    expect(wrong).toEqual(
      outcomeOf(await world.people.tryToSignIn('nobody@example.test', 'not the password')),
    );
  });

  test('accepts each code once, however many sign-ins try it concurrently', async () => {
    const person = await enrolled();
    const challenges = await Promise.all(Array.from({ length: 5 }, () => world.people.challenge(person)));
    const code = await person.authenticator.fresh();
    const answers = await Promise.all(challenges.map((challenge) => world.people.complete(challenge, code)));
    expect(answers.filter(({ data }) => data?.answer.session)).toHaveLength(1);
    expect(answers.flatMap(codes)).toEqual(Array.from({ length: 4 }, () => 'BAD_USER_INPUT'));
    expect(codes(await world.people.complete(await world.people.challenge(person), code))).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  test('accepts no code older than the last one', async () => {
    const person = await enrolled();
    const { authenticator } = person;
    await world.keywright.database.query('update two_factor set last_step = 0 where user_id = $1', [
      person.id,
    ]);
    const late = authenticator.code(1);
    const early = authenticator.code(0);
    expect(codes(await world.people.complete(await world.people.challenge(person), late))).toEqual([]);
    expect(codes(await world.people.complete(await world.people.challenge(person), early))).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  test('tolerates clocks that are one step apart, and no more', async () => {
    const person = await enrolled();
    const forget = (): Promise<unknown> =>
      world.keywright.database.query('update two_factor set last_step = 0 where user_id = $1', [person.id]);
    for (const [offset, expected] of [
      [1, []],
      [0, []],
      [3, ['BAD_USER_INPUT']],
      [-3, ['BAD_USER_INPUT']],
    ] as const) {
      await forget();
      const answer = await world.people.complete(
        await world.people.challenge(person),
        person.authenticator.code(offset),
      );
      expect(codes(answer), `offset ${offset}`).toEqual(expected);
    }
  });

  test('ends with the challenge: used, expired, or after five wrong codes', async () => {
    const person = await enrolled();
    const used = await world.people.challenge(person);
    const code = await person.authenticator.fresh();
    expect(codes(await world.people.complete(used, code))).toEqual([]);
    const gone = outcomeOf(await world.people.complete(used, await person.authenticator.fresh()));
    expect(gone).toMatchObject([200, [{ code: 'UNAUTHENTICATED' }]]);

    const expired = await world.people.challenge(person);
    await world.keywright.database.query(
      "update sign_in_challenge set expires_at = now() - interval '1 second'",
    );
    expect(outcomeOf(await world.people.complete(expired, person.recoveryCodes[0]!))).toEqual(gone);

    const guessed = await world.people.challenge(person);
    const guesses: string[] = [];
    for (let i = 0; i < 5; i++)
      guesses.push(...codes(await world.people.complete(guessed, person.authenticator.code(10 + i))));
    expect(guesses).toEqual([...Array.from({ length: 4 }, () => 'BAD_USER_INPUT'), 'UNAUTHENTICATED']);
    expect(outcomeOf(await world.people.complete(guessed, person.recoveryCodes[0]!))).toEqual(gone);

    const odd = await world.people.challenge(person);
    for (const text of ['', '\0', '\ud800', '１２３４５６']) {
      expect(codes(await world.people.complete(odd, text)), JSON.stringify(text)).toEqual(['BAD_USER_INPUT']);
    }
    for (const none of ['', 'A'.repeat(43), `${'A'.repeat(42)}\0`, 'x'.repeat(60_000)]) {
      expect(outcomeOf(await world.people.complete(none, '123456'))).toEqual(gone);
    }
  });

  test('allows five tries per challenge, even concurrent ones', async () => {
    const person = await enrolled();
    const challenge = await world.people.challenge(person);
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, i) =>
        world.people.complete(challenge, person.authenticator.code(20 + i)),
      ),
    );
    const tries = answers
      .flatMap(({ errors }) => errors)
      .filter(({ extensions }) => extensions.code === 'BAD_USER_INPUT');
    expect(tries.length).toBeLessThanOrEqual(4);
    expect(codes(await world.people.complete(challenge, person.recoveryCodes[0]!))).toEqual([
      'UNAUTHENTICATED',
    ]);
  });

  test('binds a challenge to its user', async () => {
    const [one, two] = [await enrolled(), await enrolled()];
    const challenge = await world.people.challenge(one);
    for (const code of [await two.authenticator.fresh(), two.recoveryCodes[0]!]) {
      expect(codes(await world.people.complete(challenge, code))).toEqual(['BAD_USER_INPUT']);
    }
    expect((await viewer(two.bearer)).recoveryCodesLeft).toBe(10);
  });

  test('fails once the user is disabled or the password has changed', async () => {
    const person = await enrolled();
    const disabled = await world.people.challenge(person);
    await world.keywright.database.query('update app_user set enabled = false where id = $1', [person.id]);
    expect(codes(await world.people.complete(disabled, person.recoveryCodes[0]!))).toEqual([
      'UNAUTHENTICATED',
    ]);
    await world.keywright.database.query('update app_user set enabled = true where id = $1', [person.id]);
    const outdated = await world.people.challenge(person);
    await world.people.choose(await world.people.link(person.id), 'another password');
    expect(codes(await world.people.complete(outdated, person.recoveryCodes[0]!))).toEqual([
      'UNAUTHENTICATED',
    ]);
  });

  test('rejects a code that was sealed for another user', async () => {
    const [one, two] = [await enrolled(), await enrolled()];
    await world.keywright.database.query(
      'update two_factor set sealed_secret = (select sealed_secret from two_factor where user_id = $2), last_step = 0 where user_id = $1',
      [one.id, two.id],
    );
    const answer = await world.people.complete(await world.people.challenge(one), two.authenticator.code());
    expect(codes(answer)).toEqual(['INTERNAL']);
    expect(answer.data).toBeNull();
  });
});

describe('guessing codes', () => {
  test('is limited to ten tries per account and hour, and the right password resets nothing', async () => {
    const person = await enrolled();
    const answers: string[] = [];
    for (let i = 0; i < 13; i++) {
      const answer = await world.people.complete(
        await world.people.challenge(person),
        person.authenticator.code(30 + i),
      );
      answers.push(codes(answer)[0]!);
    }
    expect(answers.filter((code) => code === 'BAD_USER_INPUT')).toHaveLength(10);
    expect(answers.slice(10)).toEqual(Array.from({ length: 3 }, () => 'TOO_MANY_ATTEMPTS'));
    const challenge = await world.people.challenge(person);
    const right = await person.authenticator.fresh();
    expect(codes(await world.people.complete(challenge, right))).toEqual(['TOO_MANY_ATTEMPTS']);
    // Attempts of a session count together with these.
    expect(codes(await ask(DISABLE, { password: person.password, code: right }, person.bearer))).toEqual([
      'TOO_MANY_ATTEMPTS',
    ]);
    await world.keywright.database.query("update attempt set window_ends_at = now() - interval '1 second'");
    expect(codes(await world.people.complete(await world.people.challenge(person), right))).toEqual([]);
  });

  test('is counted for the address too', async () => {
    const person = await enrolled();
    await world.keywright.database.query(
      "insert into attempt (subject, failures, window_ends_at) values ('address:127.0.0.1', 49, now() + interval '1 minute') " +
        'on conflict (subject) do update set failures = 49, window_ends_at = excluded.window_ends_at',
    );
    const challenge = await world.people.challenge(person);
    expect(codes(await world.people.complete(challenge, person.authenticator.code(50)))).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(codes(await world.people.complete(challenge, person.recoveryCodes[0]!))).toEqual([
      'TOO_MANY_ATTEMPTS',
    ]);
  });

  test('in a session of the same user is limited as well', async () => {
    const person = await world.people.add();
    const bearer = await world.people.signIn(person);
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, i) => ask(BEGIN, { password: `guess ${i}` }, bearer)),
    );
    expect(answers.flatMap(codes).filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(4);
    expect(codes(await ask(BEGIN, { password: person.password }, bearer))).toEqual(['TOO_MANY_ATTEMPTS']);
  });
});
