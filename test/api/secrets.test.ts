import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, sandbox, signIn, verify } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { graphql, request } from '../support/peers/graphql.js';
import { OWNER, startKeywright, type Keywright } from '../support/servers/start-keywright.js';

// Uses every kind of secret, valid and invalid, in every way that could leak it; then searches all persistent storage for it.

let keywright: Keywright;
const secrets: Record<string, string> = { password: OWNER.password };
const answers: string[] = [];

beforeAll(async () => {
  keywright = await startKeywright({ env: { KEYWRIGHT_LOG_LEVEL: 'debug' } });
  const { url } = keywright;
  const bearer = await signIn(url);
  const key = await createKey(url, { bearer }, { name: 'Marked', permissions: ['*'] });
  const regenerated = await request<{ regenerateApiKey: { secret: { secret: string } } }>(
    url,
    'mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 60) { secret { secret } } }',
    { id: key.id },
    { bearer },
  );
  Object.assign(secrets, {
    session: bearer,
    first: key.secret,
    second: regenerated.regenerateApiKey.secret.secret,
  });
  const keep = async (response: Promise<Response>): Promise<void> => {
    answers.push(await (await response).text());
  };
  for (const token of [secrets['first']!, secrets['second']!]) {
    await keep(sandbox(url, 'production/ping', token));
    await keep(sandbox(url, 'production/ping', `${token} x`));
    await keep(sandbox(url, `production/ping?api_key=${token}`));
    for (const underscore of ['%5F', '%255f', '%25255F']) {
      const encoded = token.replaceAll('_', underscore);
      await keep(sandbox(url, `production/ping?q=${encoded}`));
      await keep(sandbox(url, `production/ping?q=${encoded}&z=%zz`, token));
      await keep(sandbox(url, `production/${encoded}`));
      await verify(url, token, { key: token, request: { method: 'GET', url: `/a?q=${encoded}` } });
    }
    await keep(sandbox(url, `production/ping/${token}`));
    await keep(sandbox(url, 'staging/ping', token, { headers: { 'user-agent': `agent ${token}` } }));
    await keep(fetch(`${url}/sandbox/production/ping`, { headers: { authorization: `Bearer ${token}` } }));
    await keep(fetch(`${url}/graphql?query={viewer{permissions}}&token=${token}`));
    await keep(fetch(`${url}/graphql`, { headers: { authorization: `Bearer ${token}` } }));
    const verdict = await verify(url, token, { key: token, request: { url: `/a?key=${token}` }, [token]: 1 });
    answers.push(JSON.stringify(verdict.body));
    await verify(url, token, { key: token, request: { method: 'GET', url: `/a?key=${token}` } });
    const search = 'query ($search: String) { apiKeys(filter: { search: $search }) { nodes { id name } } }';
    for (const text of [token, `${token.slice(0, -1)}!`]) {
      answers.push(JSON.stringify((await graphql(url, search, { search: text }, { bearer })).data));
    }
    await graphql(url, `{ apiKey(id: "${token}") { nope } }`, {}, { bearer });
    await graphql(url, 'mutation ($p: JSON!) { verifyApiKey(input: $p) }', { p: { key: token } }, { bearer });
  }
  await graphql(
    url,
    'mutation ($e: String!, $p: String!) { signIn(email: $e, password: $p) { session { token } } }',
    {
      e: 'nobody@example.test',
      p: OWNER.password,
    },
  );
  await graphql(url, '{ viewer { permissions } }', {}, { bearer: `${bearer}x` });
  await eventually(async () => {
    const [row] = await keywright.database.query<{ n: number }>('select count(*)::int as n from request_log');
    expect(row!.n).toBeGreaterThan(10);
  });
});
afterAll(() => keywright.stop());

/** The confidential part of a secret: without the prefix, public part and tail, which can be shown. */
const heart = (secret: string): string => (secret.startsWith('kw_') ? secret.slice(20, 50) : secret);

function expectNone(place: string, text: string): void {
  for (const [name, secret] of Object.entries(secrets)) {
    expect(text.includes(heart(secret)), `the ${name} secret in ${place}`).toBe(false);
  }
}

test('no secret is in the database', async () => {
  const tables = await keywright.database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  expect(tables.length).toBeGreaterThan(10);
  for (const { name } of tables) {
    const rows = await keywright.database.query(`select t::text as row from ${name} t`);
    expectNone(`table ${name}`, JSON.stringify(rows));
  }
});

test("no secret is in the log, nor in the server's output", () => {
  expect(keywright.process.stdout()).toContain('/sandbox/production/ping');
  expectNone('stdout', keywright.process.stdout());
  expectNone('stderr', keywright.process.stderr());
});

test('no secret is in an answer after the one that issued it', () => {
  expectNone('answers', answers.join('\n'));
});

test('no secret is in the data directory', async () => {
  for (const file of await readdir(keywright.dataDir, { withFileTypes: true })) {
    if (!file.isFile()) continue;
    expectNone(file.name, await readFile(join(keywright.dataDir, file.name), 'latin1'));
  }
});
