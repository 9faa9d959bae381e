import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql, request, type GraphqlResponse } from '../support/peers/graphql.js';
import { startMailPeer, type MailPeer } from '../support/peers/mail-peer.js';
import { People } from '../support/seed/people.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const VIEWER = '{ viewer { user { id } } }';
const LINK = 'passwordLink { url expiresAt mailed }';
const USER = `{ id status external ${LINK} }`;
const ISSUE = `mutation ($id: ID!) { issuePasswordLink(userId: $id) ${USER} }`;
const CHANGE =
  'mutation ($currentPassword: String!, $newPassword: String!) { changePassword(currentPassword: $currentPassword, newPassword: $newPassword) }';
const RESET = 'mutation ($email: String!) { requestPasswordReset(email: $email) }';
const SMTP_ACCOUNT = { user: 'keywright', password: 'marked smtp password' };

interface LinkedUser {
  readonly id: string;
  readonly status: string;
  readonly external: boolean;
  readonly passwordLink: { url: string | null; expiresAt: string; mailed: boolean } | null;
}

let mail: MailPeer;
let keywright: Keywright;
let people: People;
beforeAll(async () => {
  mail = await startMailPeer(SMTP_ACCOUNT);
  const env = { SMTP_URL: mail.url, MAIL_FROM: 'Keys of Example <keys@example.test>' };
  keywright = await startKeywright({ env });
  people = new People(keywright, { bearer: await signIn(keywright.url) });
});
afterEach(async () => {
  mail.behave('take');
  await keywright.database.query('delete from attempt');
});
afterAll(async () => {
  await keywright.stop();
  await mail.close();
});

const ask = <Data = Record<string, unknown>>(
  query: string,
  variables: Record<string, unknown>,
  bearer: string,
): Promise<GraphqlResponse<Data>> => graphql<Data>(keywright.url, query, variables, { bearer });
const issue = async (id: string): Promise<LinkedUser> =>
  (await request<{ issuePasswordLink: LinkedUser }>(keywright.url, ISSUE, { id }, people.owner))
    .issuePasswordLink;
const outcomeOf = ({ status, errors, data }: GraphqlResponse<unknown>): unknown => [
  status,
  data,
  errors.map(({ message, extensions: { code, fields } }) => ({ message, code, fields })),
];
const faultAt = (path: string): unknown[] => [200, null, [{ fields: [{ path }] }]];
const emailOf = async (id: string): Promise<string> =>
  (await keywright.database.query<{ email: string }>('select email from app_user where id = $1', [id]))[0]!
    .email;
const tokenIn = (text: string): string => /#token=([\w-]{43})/.exec(text)![1]!;
const lastActions = async (count: number): Promise<string[]> => {
  const rows = await keywright.database.query<{ action: string }>(
    'select action from audit_event order by seq desc limit $1',
    [count],
  );
  return rows.map(({ action }) => action);
};

describe('a link to choose a password', () => {
  test('is returned once, works for three days, and activates an invited user', async () => {
    const id = await people.invite();
    const user = await issue(id);
    expect(user).toMatchObject({ id, status: 'INVITED', external: false });
    const { url, expiresAt } = user.passwordLink!;
    expect(url!.replace(/[\w-]{43}$/, '')).toBe(`${keywright.url}/choose-password#token=`);
    expect((Date.parse(expiresAt) - Date.now()) / 3_600_000).toBeCloseTo(72, 1);
    const answer = await people.choose(tokenIn(url!), 'a password of their own', 'Ada Chosen');
    const bearer = answer.data!.answer.session!.token;
    expect(answer.headers.getSetCookie()[0]).toContain(bearer);
    expect(await lastActions(3)).toEqual([
      'user.password_changed',
      'user.signed_in',
      'user.password_link_created',
    ]);
    const { data } = await ask(`{ viewer { user { name status ${LINK} } } }`, {}, bearer);
    expect(data).toEqual({
      viewer: { user: { name: 'Ada Chosen', status: 'ACTIVE', passwordLink: null } },
    });
    const email = await emailOf(id);
    expect(codes(await people.tryToSignIn(email, 'a password of their own'))).toEqual([]);
  });

  test('is shown as open without its URL, in every later answer', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    await issue(person.id);
    const { data } = await ask<{ viewer: { user: LinkedUser } }>(`{ viewer { user ${USER} } }`, {}, bearer);
    const { url, expiresAt, mailed } = data!.viewer.user.passwordLink!;
    expect({ url, mailed }).toEqual({ url: null, mailed: true });
    expect((Date.parse(expiresAt) - Date.now()) / 60_000).toBeCloseTo(60, 0);
  });

  test('works once, and only the latest works', async () => {
    const person = await people.add();
    const [first, second] = [await people.link(person.id), await people.link(person.id)];
    const spent = outcomeOf(await people.choose(first, 'yet another password'));
    expect(spent).toMatchObject([200, null, [{ code: 'FORBIDDEN' }]]);
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => people.choose(second, `password number ${i}`)),
    );
    expect(answers.filter(({ data }) => data?.answer.session)).toHaveLength(1);
    for (const token of [second, '', 'A'.repeat(43), `${'A'.repeat(42)}\0`, 'x'.repeat(60_000)]) {
      expect(outcomeOf(await people.choose(token, 'yet another password'))).toEqual(spent);
    }
    const expired = await people.link(person.id);
    await keywright.database.query("update password_link set expires_at = now() - interval '1 second'");
    expect(outcomeOf(await people.choose(expired, 'yet another password'))).toEqual(spent);
    const disabled = await people.link(person.id);
    await keywright.database.query('update app_user set enabled = false where id = $1', [person.id]);
    expect(outcomeOf(await people.choose(disabled, 'yet another password'))).toEqual(spent);
  });

  test('is not consumed by a rejected password or name', async () => {
    const id = await people.invite();
    const token = tokenIn((await issue(id)).passwordLink!.url!);
    expect(outcomeOf(await people.choose(token, 'too short'))).toMatchObject(faultAt('password'));
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(101)]) {
      const answer = await people.choose(token, 'long enough a password', name);
      expect(outcomeOf(answer), JSON.stringify(name)).toMatchObject(faultAt('name'));
    }
    expect(codes(await people.choose(token, 'long enough a password'))).toEqual([]);
  });

  test('ends all sessions of the user, including that of the caller', async () => {
    const person = await people.add();
    const sessions = [await people.signIn(person), await people.signIn(person)];
    await people.choose(await people.link(person.id), 'chosen after the loss');
    for (const bearer of sessions) expect(codes(await ask(VIEWER, {}, bearer))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await people.tryToSignIn(person.email, person.password))).toEqual(['UNAUTHENTICATED']);
  });

  test('asks for the second factor if there is one', async () => {
    const person = await people.add();
    const { recoveryCodes } = await people.enrol(await people.signIn(person), person.password);
    const answer = await people.choose(await people.link(person.id), 'chosen with a factor');
    expect(answer.data!.answer).toMatchObject({ session: null, twoFactorRequired: true });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const finished = await people.complete(answer.data!.answer.challenge!, recoveryCodes[0]!);
    expect(finished.data!.answer.session).not.toBeNull();
  });

  test('unlocks an account that was locked by guesses', async () => {
    const person = await people.add();
    await Promise.all(Array.from({ length: 11 }, (_, i) => people.tryToSignIn(person.email, `guess ${i}`)));
    expect(codes(await people.tryToSignIn(person.email, person.password))).toEqual(['TOO_MANY_ATTEMPTS']);
    await people.choose(await people.link(person.id), 'chosen by the owner');
    expect(codes(await people.tryToSignIn(person.email, 'chosen by the owner'))).toEqual([]);
  });

  test('is created by callers who manage users, for others who can sign in with a password', async () => {
    const person = await people.add(['keywright.logs.read']);
    const weak = await people.signIn(await people.add(['keywright.users.manage']));
    const none = await people.signIn(await people.add());
    const { viewer } = await request<{ viewer: { user: { id: string } } }>(
      keywright.url,
      VIEWER,
      {},
      people.owner,
    );
    expect(codes(await ask(ISSUE, { id: person.id }, none))).toEqual(['FORBIDDEN']);
    expect(codes(await ask(ISSUE, { id: person.id }, weak))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await ask(ISSUE, { id: viewer.user.id }, weak))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await ask(ISSUE, { id: viewer.user.id }, people.owner.bearer))).toEqual(['FORBIDDEN']);
    expect(codes(await ask(ISSUE, { id: 'usr_nobody' }, people.owner.bearer))).toEqual(['NOT_FOUND']);
    expect(codes(await graphql(keywright.url, ISSUE, { id: person.id }))).toEqual(['UNAUTHENTICATED']);
    for (const change of ['enabled = false', 'enabled = true, external = true']) {
      await keywright.database.query(`update app_user set ${change} where id = $1`, [person.id]);
      expect(codes(await ask(ISSUE, { id: person.id }, people.owner.bearer)), change).toEqual(['CONFLICT']);
    }
  });

  test('and its token appear nowhere but in the link', async () => {
    const id = await people.invite();
    const token = tokenIn((await issue(id)).passwordLink!.url!);
    await people.choose(token, 'marked password here');
    const again = await people.link(id);
    for (const table of ['password_link', 'audit_event', 'app_user', 'session', 'attempt']) {
      const all = JSON.stringify(await keywright.database.query(`select t::text as row from ${table} t`));
      for (const secret of [token, again, Buffer.from(again).toString('hex'), 'marked password here']) {
        expect(all, table).not.toContain(secret);
      }
    }
    expect(keywright.process.stdout() + keywright.process.stderr()).not.toContain(token);
  });
});

describe('a user without a password', () => {
  test('cannot sign in with any, and gets the same answer as an unknown user', async () => {
    const email = await emailOf(await people.invite());
    const unknown = outcomeOf(await people.tryToSignIn('nobody@example.test', 'no such password'));
    for (const password of ['', 'no such password', 'null']) {
      expect(outcomeOf(await people.tryToSignIn(email, password))).toEqual(unknown);
    }
  });
});

describe('changing the password', () => {
  test('needs the current one, and ends all other sessions and open links', async () => {
    const person = await people.add();
    const other = await people.signIn(person);
    const bearer = await people.signIn(person);
    const link = await people.link(person.id);
    const wrong = await ask(
      CHANGE,
      { currentPassword: 'not the present', newPassword: 'the next password' },
      bearer,
    );
    expect(outcomeOf(wrong)).toMatchObject([
      200,
      null,
      [{ code: 'BAD_USER_INPUT', fields: [{ path: 'currentPassword' }] }],
    ]);
    const short = await ask(CHANGE, { currentPassword: person.password, newPassword: 'short' }, bearer);
    expect(outcomeOf(short)).toMatchObject([200, null, [{ fields: [{ path: 'newPassword' }] }]]);
    expect(codes(await ask(VIEWER, {}, other))).toEqual([]);
    const next = { currentPassword: person.password, newPassword: 'the next password' };
    expect((await ask(CHANGE, next, bearer)).data).toEqual({ changePassword: true });
    expect(codes(await ask(VIEWER, {}, other))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await ask(VIEWER, {}, bearer))).toEqual([]);
    expect(codes(await people.choose(link, 'yet another password'))).toEqual(['FORBIDDEN']);
    expect(codes(await people.tryToSignIn(person.email, person.password))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await people.tryToSignIn(person.email, 'the next password'))).toEqual([]);
    expect(await lastActions(2)).toEqual(['user.signed_in', 'user.password_changed']);
  });

  test('leaves no session that the old one started concurrently', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    const [, ...signIns] = await Promise.all([
      ask(CHANGE, { currentPassword: person.password, newPassword: 'the next password' }, bearer),
      ...Array.from({ length: 5 }, () => people.tryToSignIn(person.email, person.password)),
    ]);
    for (const { data } of signIns) {
      const token = data?.answer.session?.token;
      if (token) expect(codes(await ask(VIEWER, {}, token))).toEqual(['UNAUTHENTICATED']);
    }
    expect(codes(await ask(VIEWER, {}, bearer))).toEqual([]);
  });

  test('limits guesses, and is not available to keys', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    const guesses = await Promise.all(
      Array.from({ length: 14 }, (_, i) =>
        ask(CHANGE, { currentPassword: `guess ${i}`, newPassword: 'the next password' }, bearer),
      ),
    );
    expect(guesses.flatMap(codes).filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(4);
    const { secret } = await createKey(keywright.url, people.owner);
    const variables = { currentPassword: 'a', newPassword: 'the next password' };
    expect(codes(await graphql(keywright.url, CHANGE, variables, { apiKey: secret }))).toEqual(['FORBIDDEN']);
    expect(codes(await graphql(keywright.url, CHANGE, variables))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('an e-mail', () => {
  test('invites, in plain text and HTML, from the configured sender', async () => {
    const id = await people.invite();
    const user = await issue(id);
    expect(user.passwordLink).toMatchObject({ mailed: true });
    const { headers, text, html } = await mail.next(await emailOf(id));
    expect(headers).toContain('From: Keys of Example <keys@example.test>');
    expect(headers).toContain('Subject: You are invited to Keywright');
    expect(headers).toContain('Auto-Submitted: auto-generated');
    expect(text).toContain(user.passwordLink!.url);
    expect(text).toContain('Owner invited you');
    expect(html).toContain(`href="${user.passwordLink!.url}"`);
    expect(text).toMatch(/works once and expires on \d+ \w+ \d{4}, \d\d:\d\d UTC\./);
  });

  test('contains names as text, whatever they are', async () => {
    const id = await people.invite();
    const email = await emailOf(id);
    const name = 'Ada\r\nBcc: victim@example.test\r\n\r\n<img src=x> "quoted", x <y@example.test>';
    await keywright.database.query('update app_user set name = $2 where id = $1', [id, name]);
    await issue(id);
    const { recipients, headers, html, text } = await mail.next(email);
    expect(recipients).toEqual([email]);
    expect(headers.filter((line) => /^(bcc|cc|to):/i.test(line))).toHaveLength(1);
    expect(headers.find((line) => /^to:/i.test(line))).toContain(`<${email}>`);
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x&gt;');
    expect(text).toContain('#token=');
  });

  test.each([['refuse'], ['hang']] as const)(
    'that the server will %s is reported as not sent, in time, and the link still works',
    async (behavior) => {
      const id = await people.invite();
      mail.behave(behavior);
      const start = performance.now();
      const { passwordLink } = await issue(id);
      expect(performance.now() - start).toBeLessThan(8000);
      expect(passwordLink!.mailed).toBe(false);
      const token = tokenIn(passwordLink!.url!);
      const log = await eventually(() => {
        const printed = keywright.process.stdout();
        expect(printed).toContain('An e-mail could not be sent.');
        return printed;
      });
      for (const secret of [token, 'marked', SMTP_ACCOUNT.password]) expect(log).not.toContain(secret);
      expect(codes(await people.choose(token, 'chosen without mail'))).toEqual([]);
    },
  );
});

describe('a forgotten password', () => {
  const reset = (email: string): Promise<GraphqlResponse<unknown>> =>
    graphql(keywright.url, RESET, { email });

  test('is reset with an e-mailed link that works for an hour', async () => {
    const person = await people.add();
    await mail.next(person.email);
    expect((await reset(` ${person.email.toUpperCase()}`)).data).toEqual({ requestPasswordReset: true });
    const { headers, text } = await mail.next(person.email);
    expect(headers).toContain('Subject: Choose a new password for Keywright');
    const rows = await keywright.database.query<{ hours: number; mailed: boolean }>(
      `select extract(epoch from expires_at - created_at)::float8 / 3600 as hours from password_link where user_id = $1`,
      [person.id],
    );
    expect(rows[0]!.hours).toBe(1);
    expect(codes(await people.choose(tokenIn(text), 'remembered from now on'))).toEqual([]);
  });

  test('answers everyone alike, and e-mails only those who can sign in with a password', async () => {
    const [known, disabled, external] = [await people.add(), await people.add(), await people.add()];
    await keywright.database.query('update app_user set enabled = false where id = $1', [disabled.id]);
    await keywright.database.query('update app_user set external = true where id = $1', [external.id]);
    const before = mail.received.length;
    const answers: unknown[] = [];
    for (const email of [known.email, disabled.email, external.email, 'nobody@example.test', 'a\0b', '']) {
      answers.push(outcomeOf(await reset(email)));
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await eventually(() => expect(mail.received.length).toBe(before + 1));
    expect(mail.received.at(-1)!.recipients).toEqual([known.email]);
  });

  test('never waits for the mail server', async () => {
    const person = await people.add();
    mail.behave('hang');
    const start = performance.now();
    await reset(person.email);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('keeps the link of an invitation valid', async () => {
    const id = await people.invite();
    const token = await people.link(id);
    await reset(await emailOf(id));
    await reset('nobody@example.test');
    expect(codes(await people.choose(token, 'as it was invited'))).toEqual([]);
  });

  test('sends at most five e-mails to an account, and counts those to unknown ones alike', async () => {
    const person = await people.add();
    const before = mail.received.length;
    const answers: string[][] = [];
    for (const email of [person.email, 'nobody@example.test']) {
      const asked = await Promise.all(Array.from({ length: 7 }, () => reset(email)));
      answers.push(asked.flatMap(codes));
    }
    expect(answers[0]).toEqual(['TOO_MANY_ATTEMPTS', 'TOO_MANY_ATTEMPTS']);
    expect(answers[1]).toEqual(answers[0]);
    await eventually(() => expect(mail.received.length).toBe(before + 5));
    expect(codes(await people.tryToSignIn(person.email, person.password))).toEqual([]);
  });
});

test('without a mail server nothing is sent, and links are shown to the issuer', async () => {
  const silent = await startKeywright();
  try {
    const own = new People(silent, { bearer: await signIn(silent.url) });
    const person = await own.add();
    const installation = await graphql(silent.url, '{ installation { mailEnabled localSignIn } }');
    expect(installation.data).toEqual({ installation: { mailEnabled: false, localSignIn: true } });
    expect((await graphql(silent.url, RESET, { email: person.email })).data).toEqual({
      requestPasswordReset: true,
    });
    const links = await silent.database.query('select 1 from password_link');
    expect(links).toEqual([]);
    const withMail = await graphql(keywright.url, '{ installation { mailEnabled } }');
    expect(withMail.data).toEqual({ installation: { mailEnabled: true } });
  } finally {
    await silent.stop();
  }
});
