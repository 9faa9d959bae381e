import { setTimeout as sleep } from 'node:timers/promises';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { eventually, within } from '../support/eventually.js';
import { codes, graphql, request, type GraphqlResponse } from '../support/peers/graphql.js';
import { People } from '../support/seed/people.js';
import { spawnServer } from '../support/servers/server-process.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';
import { subscribe, type Subscription } from '../support/peers/subscribe.js';

const SESSIONS = '{ viewer { sessions { id createdAt lastSeenAt expiresAt ip userAgent current } } }';
const VIEWER = '{ viewer { user { id } } }';
const END = 'mutation ($id: ID!) { endSession(id: $id) }';
const END_OTHERS = 'mutation { endOtherSessions }';
const END_ALL = 'mutation ($id: ID!) { endUserSessions(userId: $id) }';
const CHANGED = 'subscription { apiKeyChanged { action } }';

interface OwnSession {
  readonly id: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly current: boolean;
}

let keywright: Keywright;
let people: People;
beforeAll(async () => {
  keywright = await startKeywright();
  people = new People(keywright, { bearer: await signIn(keywright.url) });
});
afterAll(() => keywright.stop());

const ask = <Data = Record<string, unknown>>(
  query: string,
  variables: Record<string, unknown>,
  bearer: string,
): Promise<GraphqlResponse<Data>> => graphql<Data>(keywright.url, query, variables, { bearer });
const sessionsOf = async (bearer: string): Promise<OwnSession[]> =>
  (await request<{ viewer: { sessions: OwnSession[] } }>(keywright.url, SESSIONS, {}, { bearer })).viewer
    .sessions;
const watch = (url: string, bearer: string): Promise<Subscription<unknown>> =>
  subscribe(url, CHANGED, {}, { cookie: `keywright_session=${bearer}` });

describe("the caller's sessions", () => {
  test('are listed, latest first, with their origin', async () => {
    const person = await people.add();
    const early = await people.signIn(person);
    const late = await people.signIn(person);
    // Setting the password has also started one.
    await ask(END_OTHERS, {}, late);
    const third = await people.signIn(person);
    const [first, second, ...others] = await sessionsOf(late);
    expect(others).toEqual([]);
    expect([first!.current, second!.current]).toEqual([false, true]);
    expect(first!.createdAt > second!.createdAt).toBe(true);
    expect(second).toMatchObject({
      ip: '127.0.0.1',
      userAgent: 'node',
      id: expect.stringMatching(/^ses_/) as string,
    });
    expect(Date.parse(second!.expiresAt) - Date.parse(second!.createdAt)).toBe(7 * 86_400_000);
    expect(codes(await ask(VIEWER, {}, early))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await ask(VIEWER, {}, third))).toEqual([]);
  });

  test('contain no secret from a user agent', async () => {
    const person = await people.add();
    const response = await fetch(`${keywright.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `Sync/1.0 kw_live_${'a1B2'.repeat(12)} client_secret=hunter2`,
      },
      body: JSON.stringify({
        query:
          'mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { session { token } } }',
        variables: { email: person.email, password: person.password },
      }),
    });
    const { data } = (await response.json()) as { data: { signIn: { session: { token: string } } } };
    const [session] = await sessionsOf(data.signIn.session.token);
    expect(session!.userAgent).toBe('Sync/1.0 [redacted] client_secret=[redacted]');
  });

  test('include only active ones', async () => {
    const person = await people.add();
    const bearer = await people.signIn(person);
    const before = await sessionsOf(bearer);
    await keywright.database.query(
      "update session set last_seen_at = now() - interval '25 hours' where id = $1",
      [before.find(({ current }) => !current)!.id],
    );
    expect(await sessionsOf(bearer)).toHaveLength(before.length - 1);
    expect((await ask(END_OTHERS, {}, bearer)).data).toEqual({ endOtherSessions: 0 });
  });

  test('contain no token, and no session of somebody else', async () => {
    const [one, two] = [await people.signIn(await people.add()), await people.signIn(await people.add())];
    const ids = (await sessionsOf(one)).map(({ id }) => id);
    expect((await sessionsOf(two)).some(({ id }) => ids.includes(id))).toBe(false);
    expect(JSON.stringify(await sessionsOf(one))).not.toContain(one);
  });

  test('are empty for an API key', async () => {
    const { secret: apiKey } = await createKey(keywright.url, people.owner);
    const data = await request(keywright.url, SESSIONS, {}, { apiKey });
    expect(data).toEqual({ viewer: { sessions: [] } });
    for (const query of [END_OTHERS, 'mutation { endSession(id: "ses_x") }']) {
      expect(codes(await graphql(keywright.url, query, {}, { apiKey }))).toEqual(['FORBIDDEN']);
      expect(codes(await graphql(keywright.url, query))).toEqual(['UNAUTHENTICATED']);
    }
  });
});

describe('ending a session', () => {
  test('takes effect immediately, and only on this session', async () => {
    const person = await people.add();
    const [here, there] = [await people.signIn(person), await people.signIn(person)];
    expect(codes(await ask(VIEWER, {}, there))).toEqual([]);
    const id = (await sessionsOf(there)).find(({ current }) => current)!.id;
    expect((await ask(END, { id }, here)).data).toEqual({ endSession: true });
    expect(codes(await ask(VIEWER, {}, there))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await ask(VIEWER, {}, here))).toEqual([]);
    const [event] = await keywright.database.query(
      'select actor_id, target_id from audit_event order by seq desc limit 1',
    );
    expect(event).toEqual({ actor_id: person.id, target_id: id });
    expect((await ask(END, { id }, here)).data).toEqual({ endSession: false });
  });

  test('of the request also deletes the cookie', async () => {
    const bearer = await people.signIn(await people.add());
    const id = (await sessionsOf(bearer)).find(({ current }) => current)!.id;
    const ended = await ask(END, { id }, bearer);
    expect(ended.headers.getSetCookie()[0]).toMatch(/^keywright_session=; Max-Age=0/);
    expect(codes(await ask(VIEWER, {}, bearer))).toEqual(['UNAUTHENTICATED']);
  });

  test('gives the same answer for a session of somebody else as for an unknown one, and ends nothing', async () => {
    const [one, two] = [await people.signIn(await people.add()), await people.signIn(await people.add())];
    const foreign = (await sessionsOf(two)).map(({ id }) => id);
    const answers: unknown[] = [];
    for (const id of [
      ...foreign,
      `ses_${'0'.repeat(26)}`,
      'ses_',
      '',
      'a\0b',
      "' or true --",
      'x'.repeat(10_000),
    ]) {
      const { status, data, errors } = await ask(END, { id }, one);
      answers.push({ status, data, errors });
    }
    for (const answer of answers)
      expect(answer).toEqual({ status: 200, data: { endSession: false }, errors: [] });
    expect(codes(await ask(VIEWER, {}, two))).toEqual([]);
  });

  test('for all others keeps this one, and returns their number', async () => {
    const person = await people.add();
    const others = [await people.signIn(person), await people.signIn(person)];
    const bearer = await people.signIn(person);
    expect((await ask(END_OTHERS, {}, bearer)).data).toEqual({ endOtherSessions: 3 });
    for (const other of others) expect(codes(await ask(VIEWER, {}, other))).toEqual(['UNAUTHENTICATED']);
    expect(await sessionsOf(bearer)).toHaveLength(1);
    const [event] = await keywright.database.query(
      'select action, target_id, changes from audit_event order by seq desc limit 1',
    );
    expect(event).toEqual({
      action: 'user.sessions_ended',
      target_id: person.id,
      changes: { ended: { after: 3 } },
    });
  });

  test('of a user requires managing users and everything the user holds', async () => {
    const person = await people.add(['keywright.logs.read']);
    const bearer = await people.signIn(person);
    const manager = await people.signIn(await people.add(['keywright.users.manage', 'keywright.logs.read']));
    const weak = await people.signIn(await people.add(['keywright.users.manage']));
    expect(codes(await ask(END_ALL, { id: person.id }, bearer))).toEqual(['FORBIDDEN']);
    expect(codes(await ask(END_ALL, { id: person.id }, weak))).toEqual(['GRANT_NOT_HELD']);
    expect(codes(await ask(END_ALL, { id: 'usr_nobody' }, manager))).toEqual(['NOT_FOUND']);
    expect(codes(await ask(VIEWER, {}, bearer))).toEqual([]);
    expect((await ask(END_ALL, { id: person.id }, manager)).data).toEqual({ endUserSessions: 2 });
    expect(codes(await ask(VIEWER, {}, bearer))).toEqual(['UNAUTHENTICATED']);
    expect((await ask(END_ALL, { id: person.id }, manager)).data).toEqual({ endUserSessions: 0 });
  });
});

describe('a subscription', () => {
  test('receives nothing after its session ends in this process', async () => {
    const person = await people.add(['*']);
    const [here, there] = [await people.signIn(person), await people.signIn(person)];
    const live = await watch(keywright.url, there);
    // Just reported, so the session counts as checked.
    await createKey(keywright.url, people.owner);
    await live.next();
    await ask(END_OTHERS, {}, here);
    await createKey(keywright.url, people.owner);
    await expect(live.next()).rejects.toThrow(/session has ended/);
    await live.close();
  });

  test('in another process receives nothing after a second', async () => {
    const dataDir = await temporaryDirectory();
    const second = spawnServer({ ...keywright.settings, KEYWRIGHT_DATA_DIR: dataDir });
    try {
      const url = await second.ready();
      const person = await people.add(['*']);
      const [here, there] = [await people.signIn(person), await people.signIn(person)];
      expect(codes(await graphql(url, VIEWER, {}, { bearer: there }))).toEqual([]);
      const live = await watch(url, there);
      await ask(END_OTHERS, {}, here);
      await eventually(
        async () =>
          expect(codes(await graphql(url, VIEWER, {}, { bearer: there }))).toEqual(['UNAUTHENTICATED']),
        1500,
      );
      // The subscription may have been checked just before the session ended.
      await sleep(1000);
      await createKey(keywright.url, people.owner);
      await expect(within(5000, live.next())).rejects.toThrow(/session has ended/);
      await live.close();
    } finally {
      await second.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 90_000);
});
