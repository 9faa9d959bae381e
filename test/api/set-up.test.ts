import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const SET_UP = `mutation ($token: String!, $email: String!, $name: String!, $password: String!) {
  setUpOwner(token: $token, email: $email, name: $name, password: $password) { session { token } }
}`;

describe('the set-up link', () => {
  const owner = { email: 'first@example.test', name: 'First', password: 'a long enough password' };
  let fresh: Keywright;
  beforeAll(async () => {
    fresh = await startKeywright({ env: { KEYWRIGHT_ADMIN_EMAIL: '', KEYWRIGHT_ADMIN_PASSWORD: '' } });
  });
  afterAll(() => fresh.stop());

  const linkOf = (stdout: string): string => /\/setup#token=([A-Za-z0-9_-]{43})\s/.exec(stdout)![1]!;
  const required = async (url: string): Promise<boolean> =>
    (await request<{ installation: { setupRequired: boolean } }>(url, '{ installation { setupRequired } }'))
      .installation.setupRequired;

  test('is replaced at each start, is not consumed by bad input, and then works exactly once', async () => {
    const former = linkOf(fresh.process.stdout());
    await fresh.process.stop();
    const server = spawnServer(fresh.settings);
    const url = await server.ready();
    const token = linkOf(server.stdout());
    expect(token).not.toBe(former);
    expect(await required(url)).toBe(true);

    for (const wrong of [former, '', 'A'.repeat(43), `${token} `]) {
      expect(codes(await graphql(url, SET_UP, { ...owner, token: wrong }))).toEqual(['FORBIDDEN']);
    }
    const bad = [
      { password: 'too short' },
      { password: 'x'.repeat(201) },
      { email: 'no address' },
      { name: ' ' },
      { name: 'a\0' },
    ];
    for (const change of bad) {
      const response = await graphql(url, SET_UP, { ...owner, token, ...change });
      expect(codes(response)).toEqual(['BAD_USER_INPUT']);
      expect(response.errors[0]!.extensions.fields![0]!.path).toBe(Object.keys(change)[0]);
    }

    const uses = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        graphql(url, SET_UP, { ...owner, token, email: `first${i}@example.test` }),
      ),
    );
    expect(uses.filter((use) => use.errors.length === 0)).toHaveLength(1);
    expect(uses.flatMap(codes)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    const users = await fresh.database.query<{ count: number }>(
      'select count(*)::int as count from app_user',
    );
    expect(users[0]!.count).toBe(1);
    expect(await required(url)).toBe(false);
    expect(codes(await graphql(url, SET_UP, { ...owner, token }))).toEqual(['FORBIDDEN']);
    await server.stop();

    const later = spawnServer(fresh.settings);
    await later.ready();
    expect(later.stdout()).not.toContain('#token=');
    await later.stop();
  }, 90_000);
});
