import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql, type GraphqlResponse } from '../support/peers/graphql.js';
import { subscribe } from '../support/peers/subscribe.js';
import { TwoFactorWorld } from '../support/seed/two-factor-world.js';

const DISABLE =
  'mutation ($password: String!, $code: String!) { disableTwoFactor(password: $password, code: $code) }';
const RENEW =
  'mutation ($password: String!, $code: String!) { renewRecoveryCodes(password: $password, code: $code) }';
const RESET = 'mutation ($id: ID!) { resetTwoFactor(userId: $id) { id twoFactorEnabled } }';
const REQUIRE = 'mutation ($required: Boolean!) { setTwoFactorRequired(required: $required) }';
const KEYS = '{ apiKeys { nodes { id } } }';
/** How long a cached session is valid. */
const BELIEVED_MS = 1000;

const world = new TwoFactorWorld();
const { ask, viewer, actions, enrolled } = world;

describe('a recovery code', () => {
  test('replaces the app once, in any notation', async () => {
    const person = await enrolled();
    const [first, second] = person.recoveryCodes as [string, string];
    const typed = ` ${first.toUpperCase().replaceAll('-', ' ')} `;
    const answer = await world.people.complete(await world.people.challenge(person), typed);
    const bearer = answer.data!.answer.session!.token;
    expect((await viewer(bearer)).recoveryCodesLeft).toBe(9);
    expect(await actions(person.id)).toContain('user.recovery_code_used');
    expect(codes(await world.people.complete(await world.people.challenge(person), first))).toEqual([
      'BAD_USER_INPUT',
    ]);
    const challenges = await Promise.all(Array.from({ length: 5 }, () => world.people.challenge(person)));
    const answers = await Promise.all(
      challenges.map((challenge) => world.people.complete(challenge, second)),
    );
    expect(answers.filter(({ data }) => data?.answer.session)).toHaveLength(1);
  });

  test('is invalid after new ones were created', async () => {
    const person = await enrolled();
    const [old, proof] = person.recoveryCodes as [string, string];
    const { data } = await ask<{ renewRecoveryCodes: string[] }>(
      RENEW,
      { password: person.password, code: proof },
      person.bearer,
    );
    expect(data!.renewRecoveryCodes).toHaveLength(10);
    expect(codes(await world.people.complete(await world.people.challenge(person), old))).toEqual([
      'BAD_USER_INPUT',
    ]);
    expect(
      codes(await world.people.complete(await world.people.challenge(person), data!.renewRecoveryCodes[3]!)),
    ).toEqual([]);
    expect(await actions(person.id)).toEqual(
      expect.arrayContaining(['user.recovery_codes_renewed', 'user.recovery_code_used']),
    );
  });
});

describe('turning it off', () => {
  test('requires the password and a code', async () => {
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
    await world.people.signIn(person);
    expect(await actions(person.id)).toContain('user.two_factor_disabled');
    expect(codes(await ask(DISABLE, { password, code: right }, bearer))).toEqual(['CONFLICT']);
    expect(codes(await ask(RENEW, { password, code: right }, bearer))).toEqual(['CONFLICT']);
  });

  test('for others requires managing users and everything they hold', async () => {
    const person = await enrolled(['keywright.logs.read']);
    const helper = await world.people.signIn(
      await world.people.add(['keywright.users.manage', 'keywright.logs.read']),
    );
    const weak = await world.people.signIn(await world.people.add(['keywright.users.manage']));
    const none = await world.people.signIn(await world.people.add());
    const owner = (await viewer(world.people.owner.bearer)).user.id;
    expect(codes(await ask(RESET, { id: person.id }, none))).toEqual(['FORBIDDEN']);
    expect(codes(await ask(RESET, { id: person.id }, weak))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await ask(RESET, { id: owner }, helper))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await ask(RESET, { id: owner }, world.people.owner.bearer))).toEqual(['FORBIDDEN']);
    for (const id of ['', 'usr_nobody', `usr_${'0'.repeat(26)}`, 'a\0b']) {
      expect(codes(await ask(RESET, { id }, helper)), id).toEqual(['NOT_FOUND']);
    }
    const challenge = await world.people.challenge(person);
    const reset = await ask(RESET, { id: person.id }, helper);
    expect(reset.data).toEqual({ resetTwoFactor: { id: person.id, twoFactorEnabled: false } });
    expect(codes(await world.people.complete(challenge, person.recoveryCodes[0]!))).toEqual([
      'UNAUTHENTICATED',
    ]);
    await world.people.signIn(person);
    expect(await actions(person.id)).toContain('user.two_factor_reset');
  });
});

describe('a second factor that everyone needs', () => {
  let key: { apiKey: string };
  // A key is not a user: the owner has no second factor and would be locked out.
  beforeAll(async () => {
    key = { apiKey: (await createKey(world.keywright.url, world.people.owner)).secret };
  });
  const set = (required: boolean): Promise<GraphqlResponse<unknown>> =>
    graphql(world.keywright.url, REQUIRE, { required }, key);
  afterEach(() => set(false));

  test('restricts people without one to enrolling, immediately and in open sessions too', async () => {
    const person = await world.people.add(['*']);
    const bearer = await world.people.signIn(person);
    expect(codes(await ask(KEYS, {}, bearer))).toEqual([]);
    expect((await set(true)).data).toEqual({ setTwoFactorRequired: true });
    for (const session of [bearer, await world.people.signIn(person)]) {
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
    const other = await world.people.signIn(person);
    await world.people.enrol(bearer, person.password);
    expect(await viewer(bearer)).toMatchObject({ permissions: ['*'], twoFactorSetupRequired: false });
    expect(codes(await ask(KEYS, {}, bearer))).toEqual([]);
    expect(codes(await ask(KEYS, {}, other))).toEqual(['UNAUTHENTICATED']);
  });

  test('applies within a second in another process', async () => {
    const bearer = await world.people.signIn(await world.people.add(['*']));
    await viewer(bearer);
    await world.keywright.database.query('update installation set two_factor_required = true');
    await eventually(async () => expect((await viewer(bearer)).permissions).toEqual([]), 1500);
  });

  test('ends subscriptions of people without one', async () => {
    const bearer = await world.people.signIn(await world.people.add(['*']));
    const live = await subscribe<unknown>(
      world.keywright.url,
      'subscription { apiKeyChanged { action } }',
      {},
      { cookie: `keywright_session=${bearer}` },
    );
    await set(true);
    await createKey(world.keywright.url, key);
    await expect(live.next()).rejects.toThrow(/Your access has changed/);
    await live.close();
  });

  test('exempts keys and people who sign in through an identity provider', async () => {
    const person = await world.people.add(['keywright.keys.read']);
    const bearer = await world.people.signIn(person);
    await set(true);
    expect(await viewer(bearer)).toMatchObject({ permissions: [], twoFactorSetupRequired: true });
    // As if the identity provider had started this session; another test uses a real provider.
    await world.keywright.database.query("update session set method = 'OIDC' where user_id = $1", [
      person.id,
    ]);
    await world.keywright.database.query('update app_user set external = true where id = $1', [person.id]);
    await sleep(BELIEVED_MS + 100);
    expect(await viewer(bearer)).toMatchObject({
      permissions: ['keywright.keys.read'],
      twoFactorSetupRequired: false,
    });
    expect(codes(await graphql(world.keywright.url, KEYS, {}, key))).toEqual([]);
    expect(codes(await world.people.tryToSignIn(person.email, person.password))).toEqual(['UNAUTHENTICATED']);
  });

  test('is visible to signed-in people, audited, and set by people who manage settings', async () => {
    const INSTALLATION = '{ installation { twoFactorRequired localSignIn mailEnabled } }';
    const manager = await world.people.signIn(await world.people.add(['keywright.settings.manage']));
    const none = await world.people.signIn(await world.people.add());
    expect(codes(await ask(REQUIRE, { required: true }, none))).toEqual(['FORBIDDEN']);
    expect(codes(await graphql(world.keywright.url, REQUIRE, { required: true }))).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(codes(await ask(REQUIRE, { required: true }, manager))).toEqual([]);
    await set(true);
    expect((await ask(INSTALLATION, {}, none)).data).toMatchObject({
      installation: { twoFactorRequired: true },
    });
    expect((await graphql(world.keywright.url, INSTALLATION)).data).toEqual({
      installation: { twoFactorRequired: null, localSignIn: true, mailEnabled: false },
    });
    const rows = await world.keywright.database.query(
      `select changes from audit_event where action = 'setting.updated' order by seq desc limit 2`,
    );
    // Setting the same value is no change.
    expect(rows[1]).toEqual({ changes: { twoFactorRequired: { before: true, after: false } } });
    expect(rows[0]).toEqual({ changes: { twoFactorRequired: { before: false, after: true } } });
  });
});

test('the database reveals nothing of a second factor', async () => {
  const person = await enrolled();
  const challenge = await world.people.challenge(person);
  const hex = Buffer.from(challenge).toString('hex');
  const tables = ['two_factor', 'recovery_code', 'sign_in_challenge', 'audit_event', 'attempt'];
  for (const table of tables) {
    const rows = await world.keywright.database.query(`select t::text as row from ${table} t`);
    const all = JSON.stringify(rows).toLowerCase();
    for (const secret of [person.authenticator.secret, challenge, hex, ...person.recoveryCodes]) {
      expect(all).not.toContain(secret.toLowerCase());
      expect(all).not.toContain(secret.toLowerCase().replaceAll('-', ''));
    }
  }
  expect(world.keywright.process.stdout()).not.toContain(challenge);
});
