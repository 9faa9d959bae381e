import {
  createClient,
  KeywrightError,
  type KeywrightClient,
  type VerifyQuestion,
} from '@keywright/schema/client';
import { createLocalVerifier, type LocalVerifier } from '@keywright/schema/local';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { cuttableProxy } from '../support/peers/cuttable-proxy.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const STALENESS_SECONDS = 5;
const ROOT = 'scp_00000000000000000000000000';

let keywright: Keywright;
let bearer: string;
let gateway: CreatedKey;
let client: KeywrightClient;
const opened: LocalVerifier[] = [];

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);
const run = <Data>(query: string, variables: Record<string, unknown>): Promise<Data> =>
  request<Data>(keywright.url, query, variables, { bearer });
const change = (field: string, id: string): Promise<unknown> =>
  run(`mutation ($id: ID!) { ${field}(id: $id) { apiKey { id } } }`, { id });

async function open({ url = keywright.url, key = gateway.secret } = {}): Promise<LocalVerifier> {
  const local = createLocalVerifier({ url, key });
  opened.push(local);
  await local.ready();
  return local;
}

/** Removes the fields that differ between answers. */
const plain = (answer: object | undefined): object => ({ ...answer, requestId: '' });

const errorOf = (promise: Promise<unknown>): Promise<KeywrightError> =>
  promise.then(
    (answer) => expect.fail(JSON.stringify(answer)),
    (error: KeywrightError) => error,
  );

beforeAll(async () => {
  keywright = await startKeywright({
    env: { KEYWRIGHT_MAX_STALENESS_SECONDS: String(STALENESS_SECONDS) },
  });
  bearer = await signIn(keywright.url);
  gateway = await create({ permissions: ['keywright.verify'] });
  client = createClient({ url: keywright.url, key: gateway.secret });
});
afterEach(() => Promise.all(opened.splice(0).map((local) => local.close())));
afterAll(async () => {
  await client.close();
  await keywright.stop();
});

async function keysOfEveryKind(): Promise<string[]> {
  const expired = await create({ expiresAt: new Date(Date.now() + 1000).toISOString() });
  const [admin, narrow, empty, staging, bound, disabled, revoked, renewed] = await Promise.all([
    create({ metadata: { team: 'crm', nested: { deep: [1] } } }),
    create({ permissions: ['view_customer', 'ticket.*'], expiresAt: '2099-01-01T00:00:00Z' }),
    create({ permissions: [] }),
    create({ environment: 'STAGING', permissions: ['view_customer'] }),
    create({ allowedCidrs: ['203.0.113.0/24', '2001:db8::/32', '10.1.2.3'] }),
    create({ enabled: false, allowedCidrs: ['203.0.113.0/24'] }),
    create(),
    create({ permissions: ['view_customer'] }),
  ]);
  await change('revokeApiKey', revoked!.id);
  await run('mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 3600) { apiKey { id } } }', {
    id: renewed!.id,
  });
  await sleep(1000);
  const keys = [expired, admin!, narrow!, empty!, staging!, bound!, disabled!, revoked!, renewed!];
  return [...keys.map(({ secret }) => secret), admin!.secret.slice(0, -1), 'garbage', ''];
}

describe('a local verifier', () => {
  test('decides like the server, for any question about any key', async () => {
    const local = await open();
    const tokens = await keysOfEveryKind();
    const maybe = <T>(...values: T[]) => fc.constantFrom(undefined, ...values);
    const questions = fc.record({
      token: fc.constantFrom(...tokens),
      carrier: fc.constantFrom('key', 'header', 'both', 'authorization', 'list', 'signed'),
      environment: maybe<VerifyQuestion['environment']>('PRODUCTION', 'STAGING', 'DEVELOPMENT'),
      permission: maybe<string | string[]>('view_customer', 'ticket.read', 'nobody.has', [
        'nobody.has',
        'view_customer',
      ]),
      scope: maybe(ROOT, 'scp_00000000000000000000000001', 'nowhere'),
      ip: maybe('203.0.113.9', '::ffff:203.0.113.9', '198.51.100.1', '2001:db8::7', '10.1.2.3'),
      url: maybe('/x', '/x?page=2&q=a%20b_c', '/x?AccessID=a&Expires=1', `/x?k=${tokens[1]}`),
    });
    let decidedHere = 0;
    await fc.assert(
      fc.asyncProperty(questions, async ({ token, carrier, environment, permission, scope, ip, url }) => {
        const headers = {
          key: {},
          header: { 'X-Api-Key': token, 'user-agent': 'x' },
          both: { 'x-api-key': token },
          authorization: { 'x-api-key': token, authorization: `Bearer ${token}` },
          list: { 'x-api-key': [token, token] },
          signed: { 'x-api-key': token, 'signature-input': 'x' },
        }[carrier];
        const key = carrier === 'key' || carrier === 'both' ? token : undefined;
        const question: VerifyQuestion = {
          key,
          environment,
          permission,
          scope,
          request: { method: 'GET', url, ip, headers },
        };
        const [first, second, judged] = [
          await local.verify(question),
          await local.verify(question),
          await client.verify(question),
        ];
        if (local.verifySync(question)) decidedHere++;
        expect(plain(first)).toEqual(plain(judged));
        expect(plain(second)).toEqual(plain(judged));
        expect(Object.keys(second)).toEqual(Object.keys(judged));
      }),
    );
    expect(decidedHere).toBeGreaterThan(50);
  });

  test('leaves questions that the server would not accept to the server', async () => {
    const local = await open();
    const { secret: key } = await create();
    await local.verify({ key });
    for (const question of [
      { key, unknown: 1 },
      { key, cost: 0 },
      { key, permission: [] },
      { key, permission: 'a'.repeat(101) },
      { key, scope: 'half \ud800' },
      { key, request: { ip: 'nowhere' } },
      { key, request: { headers: { x: [1] } } },
      { key, environment: 'production' },
      { key: [key] },
    ]) {
      const error = await errorOf(local.verify(question as never));
      expect(error, JSON.stringify(question)).toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  test('receives changes of keys immediately', async () => {
    const local = await open();
    const key = await create({ permissions: ['view_customer'] });
    const question = { key: key.secret, permission: 'view_customer' };
    const becomes = (code: string) =>
      eventually(async () => expect((await local.verify(question)).code).toBe(code), 1000);
    await becomes('VALID');
    expect(local.verifySync(question)?.code).toBe('VALID');
    await change('disableApiKey', key.id);
    await becomes('KEY_DISABLED');
    await change('enableApiKey', key.id);
    await becomes('VALID');
    const input = { id: key.id, permissions: ['view_invoice'] };
    await run('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', {
      input,
    });
    await becomes('PERMISSION_DENIED');
    await change('revokeApiKey', key.id);
    await becomes('KEY_REVOKED');
    expect(local.verifySync(question)?.code).toBe('KEY_REVOKED');
  });

  test('expires keys on its own', async () => {
    const local = await open();
    const expiresAt = new Date(Date.now() + 2000).toISOString();
    const key = await create({ expiresAt });
    expect(await local.verify({ key: key.secret })).toMatchObject({ code: 'VALID', expiresAt });
    await sleep(Date.parse(expiresAt) - Date.now() + 50);
    expect(local.verifySync({ key: key.secret })?.code).toBe('KEY_EXPIRED');
  });

  test('never exceeds the limit together with other verifiers, and does not waste it', async () => {
    const locals = [await open(), await open()];
    const limit = 60;
    const key = await create({ rateLimits: [{ name: 'hour', limit, windowSeconds: 3600 }] });
    const ask = async (verifier: { verify: LocalVerifier['verify'] }) => verifier.verify({ key: key.secret });
    const first = await ask(locals[0]!);
    expect(first).toMatchObject({ valid: true, limits: [{ name: 'hour', limit, windowSeconds: 3600 }] });
    let accepted = 1;
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all([...locals, client, ...locals].map(ask));
      accepted += answers.filter(({ valid }) => valid).length;
      expect(accepted).toBeLessThanOrEqual(limit);
      for (const answer of answers) {
        if (answer.valid) continue;
        expect(answer).toMatchObject({ code: 'RATE_LIMITED', status: 429, keyId: key.id });
        expect(answer.retryAfter).toBeGreaterThan(0);
        expect(Object.keys(answer)).toEqual(Object.keys(await ask(client)));
      }
    }
    await eventually(async () => {
      // Unused leased units are returned.
      const { valid } = await ask(client);
      if (valid) accepted++;
      expect(accepted).toBeLessThanOrEqual(limit);
      expect(accepted).toBeGreaterThanOrEqual(limit - 2);
    });
  });

  test('reports a cost that can never be met, and an exhausted quota', async () => {
    const local = await open();
    const key = await create({ rateLimits: [{ name: 'minute', limit: 10, windowSeconds: 60 }] });
    expect(await local.verify({ key: key.secret, cost: 11 })).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfter: null,
    });
    expect(await local.verify({ key: key.secret, cost: 9 })).toMatchObject({ valid: true });
    const daily = await create({ quotas: [{ period: 'DAY', limit: 1 }] });
    expect(await local.verify({ key: daily.secret })).toMatchObject({ valid: true });
    expect(await local.verify({ key: daily.secret })).toMatchObject({ code: 'QUOTA_EXCEEDED', status: 429 });
  });

  test('counts exactly, and shows a sample in the log', async () => {
    const local = await open();
    const key = await create({ permissions: ['view_customer'] });
    const described = {
      method: 'GET',
      url: '/counted',
      ip: '203.0.113.9',
      headers: { 'user-agent': 'counter' },
    };
    for (let i = 0; i < 500; i++) await local.verify({ key: key.secret, request: described });
    for (let i = 0; i < 20; i++) await local.verify({ key: key.secret, permission: 'nobody.has' });
    await local.close();
    const { apiKey, requestLogs } = await eventually(async () => {
      const data = await run<{
        apiKey: { usage: { byCode: { code: string; count: number }[] }; lastUsedAt: string };
        requestLogs: { nodes: { path: string; userAgent: string; ip: string; verdict: string }[] };
      }>(
        `query ($id: ID!) { apiKey(id: $id) { usage { byCode { code count } } lastUsedAt }
           requestLogs(filter: { apiKeyId: $id }, first: 50) { nodes { path userAgent ip } } }`,
        { id: key.id },
      );
      expect(data.apiKey.usage.byCode.reduce((sum, { count }) => sum + count, 0)).toBe(520);
      expect(data.requestLogs.nodes.length).toBeGreaterThan(0);
      return data;
    });
    expect(apiKey.usage.byCode).toEqual([
      { code: 'VALID', count: 500 },
      { code: 'PERMISSION_DENIED', count: 20 },
    ]);
    expect(requestLogs.nodes).toContainEqual({ path: '/counted', userAgent: 'counter', ip: '203.0.113.9' });
  });

  test('continues for a while when Keywright is unreachable, then rejects everything, and recovers', async () => {
    const proxy = await cuttableProxy(keywright.url);
    const local = await open({ url: proxy.url });
    const key = await create();
    const limited = await create({ rateLimits: [{ name: 'minute', limit: 1000, windowSeconds: 60 }] });
    const unseen = await create();
    await local.verify({ key: key.secret });
    await local.verify({ key: limited.secret });
    await proxy.cut();
    expect(await local.verify({ key: key.secret })).toMatchObject({ valid: true });
    await eventually(async () =>
      expect(await errorOf(local.verify({ key: limited.secret }))).toMatchObject({ code: 'UNAVAILABLE' }),
    );
    expect(local.verifySync({ key: key.secret })).toMatchObject({ valid: true });
    expect(await errorOf(local.verify({ key: unseen.secret }))).toMatchObject({ code: 'UNAVAILABLE' });
    await eventually(() => expect(local.verifySync({ key: key.secret })).toBeUndefined());
    const error = await errorOf(local.verify({ key: key.secret }));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 1 });
    await change('disableApiKey', key.id);
    await proxy.mend();
    await eventually(async () =>
      expect(await local.verify({ key: key.secret })).toMatchObject({ code: 'KEY_DISABLED' }),
    );
    expect(await local.verify({ key: unseen.secret })).toMatchObject({ valid: true });
    await local.close();
    await proxy.close();
  });

  test('stops deciding once its own key may no longer ask', async () => {
    const caller = await create({ permissions: ['keywright.verify'] });
    const local = await open({ key: caller.secret });
    const key = await create();
    expect(await local.verify({ key: key.secret })).toMatchObject({ valid: true });
    await change('disableApiKey', caller.id);
    await eventually(async () => {
      expect(local.verifySync({ key: key.secret })).toBeUndefined();
      expect(await errorOf(local.verify({ key: key.secret }))).toMatchObject({ code: 'UNAUTHENTICATED' });
    });
    await change('enableApiKey', caller.id);
    await eventually(async () =>
      expect(await local.verify({ key: key.secret })).toMatchObject({ valid: true }),
    );
  });
});
