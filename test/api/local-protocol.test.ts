import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { LOCAL_PATH, LOCAL_PROTOCOL } from '@keywright/schema/local-protocol';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createKey, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { eventually, within } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { ANYTHING, LocalSocket, NO_FACTS } from '../support/peers/local-socket.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { ROOT } from '../support/seed/tenancy.js';
import { LONGER } from '../support/property-runs.js';

let keywright: Keywright;
let bearer: string;
let caller: CreatedKey;
const opened: LocalSocket[] = [];
const received: string[] = [];
const secrets: string[] = [];

const ask = <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> =>
  request<Data>(keywright.url, query, variables, { bearer });
const create = async (overrides: Record<string, unknown> = {}): Promise<CreatedKey> => {
  const key = await createKey(keywright.url, { bearer }, overrides);
  secrets.push(key.secret);
  return key;
};
const open = async (key = caller): Promise<LocalSocket> => {
  const socket = await LocalSocket.open(keywright.url, key.secret);
  opened.push(socket);
  return socket;
};
const change = (name: string, id: string): Promise<unknown> =>
  ask(`mutation ($id: ID!) { ${name}(id: $id) { apiKey { id } } }`, { id });
const update = (input: Record<string, unknown>): Promise<unknown> =>
  ask('mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }', { input });

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  caller = await create({ permissions: ['keywright.verify'] });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) {
    received.push(...socket.texts);
    socket.socket.terminate();
    await socket.closed;
  }
});
afterAll(() => keywright.stop());

describe('a local verifier', () => {
  /** Expects that an upgrade with these headers is rejected. */
  const refusal = (
    headers: Record<string, string>,
    path: string = LOCAL_PATH,
  ): Promise<{ status: number; type: string | undefined; code: unknown }> =>
    new Promise((resolve, reject) => {
      const asked = httpRequest(keywright.url + path, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          'sec-websocket-protocol': LOCAL_PROTOCOL,
          ...headers,
        },
      });
      asked.on('upgrade', () => reject(new Error('It was let in.')));
      asked.on('error', reject);
      asked.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => {
          const { code } = (text === '' ? {} : JSON.parse(text)) as { code?: string };
          resolve({ status: response.statusCode!, type: response.headers['content-type'], code });
        });
      });
      asked.end();
    });

  test('is rejected before the upgrade as by POST /v1/verify, and must name the protocol', async () => {
    const [bare, off] = await Promise.all([
      create({ permissions: ['view_customer'] }),
      create({ permissions: ['keywright.verify'], enabled: false }),
    ]);
    const problem = 'application/problem+json; charset=utf-8';
    for (const headers of [
      {},
      { 'x-api-key': 'nonsense' },
      { 'x-api-key': caller.secret.replace('live', 'stag') },
      { 'x-api-key': bare.secret },
      { 'x-api-key': off.secret },
      { 'x-api-key': caller.secret, authorization: `Bearer ${caller.secret}` },
    ]) {
      const response = await fetch(`${keywright.url}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers } as Record<string, string>,
        body: '{}',
      });
      const { code } = (await response.json()) as { code: string };
      expect(await refusal(headers as Record<string, string>)).toEqual({
        status: response.status,
        type: problem,
        code,
      });
    }
    const known = { 'x-api-key': caller.secret };
    expect(await refusal({ ...known, 'sec-websocket-protocol': 'another' })).toEqual({
      status: 400,
      type: problem,
      code: 'BAD_USER_INPUT',
    });
    expect((await refusal(known, '/v1/nothing')).status).toBe(404);
    const byBearer = new WebSocket(keywright.url.replace('http', 'ws') + LOCAL_PATH, LOCAL_PROTOCOL, {
      headers: { authorization: `Bearer ${caller.secret}` },
    });
    await within(5000, once(byBearer, 'open'));
    byBearer.terminate();
  });

  test('receives the state of the server first, then every second', async () => {
    const socket = await open();
    await eventually(() => expect(socket.messages.length).toBeGreaterThanOrEqual(3));
    const [hello, ...states] = socket.messages;
    expect(hello).toMatchObject({ type: 'hello', maxStalenessMs: 300_000, state: { fresh: true } });
    for (const state of states) expect(state).toMatchObject({ type: 'state', state: { fresh: true } });
  });

  test('proves a token once, and then knows everything that decides', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const key = await create({
      permissions: ['view_customer', 'account.read'],
      expiresAt,
      allowedCidrs: ['10.0.0.0/8'],
      metadata: { plan: 'gold' },
      rateLimits: [{ name: 'minute', limit: 9, windowSeconds: 60 }],
    });
    const socket = await open();
    expect(
      await socket.ask({
        type: 'prove',
        token: key.secret,
        question: { permissions: ['view_customer'], scopeId: null },
        environment: 'PRODUCTION',
        facts: NO_FACTS,
      }),
    ).toMatchObject({
      type: 'proved',
      key: {
        keyId: key.id,
        name: key.name,
        environment: 'PRODUCTION',
        serviceAccountId: null,
        metadata: { plan: 'gold' },
        revoked: false,
        enabled: true,
        expiresAtMs: Date.parse(expiresAt),
        allowedCidrs: ['10.0.0.0/8'],
        limited: true,
        previousSecretUntilMs: null,
      },
      judgement: { refused: null, permissions: ['account.read', 'view_customer'] },
    });
    const judged = (permissions: string[], scopeId: string | null = null) =>
      socket.ask({ type: 'judge', keyId: key.id, question: { permissions, scopeId } });
    expect(await judged(['create_customer'])).toMatchObject({
      judgement: { refused: 'PERMISSION_DENIED', permissions: [], scopes: [] },
    });
    expect(await judged(['view_customer'], 'scp_none')).toMatchObject({
      judgement: { refused: 'SCOPE_DENIED' },
    });
    expect(await judged([])).toMatchObject({ judgement: { refused: null } });
    socket.say({ type: 'dropped', keyIds: [key.id] });
    expect(await judged([])).toMatchObject({ type: 'failed', code: 'NOT_REMEMBERED' });
  });

  test('gets the same rejection for an unknown key as from POST /v1/verify, counted and logged', async () => {
    const key = await create();
    const socket = await open();
    const last = key.secret.at(-1) === 'a' ? 'b' : 'a';
    const path = `/local/${Date.now()}`;
    for (const token of ['', 'nonsense', key.secret.slice(0, -1) + last, 'x'.repeat(90_000)]) {
      const { body } = await verify(keywright.url, caller.secret, { key: token });
      const facts = { method: 'GET', path, ip: '192.0.2.7', userAgent: 'agent' };
      const refused = await socket.ask({
        type: 'prove',
        token,
        question: { permissions: ['view_customer'], scopeId: null },
        environment: 'STAGING',
        facts,
      });
      expect(refused).toMatchObject({ type: 'refused', code: body.code, message: body['message'] });
    }
    const rows = await eventually(async () => {
      const { requestLogs } = await ask<{ requestLogs: { nodes: unknown[] } }>(
        'query ($p: String) { requestLogs(filter: { pathPrefix: $p }) { nodes { code environment method ip userAgent permission } } }',
        { p: path },
      );
      expect(requestLogs.nodes).toHaveLength(4);
      return requestLogs.nodes;
    });
    expect(rows[0]).toMatchObject({
      environment: 'STAGING',
      method: 'GET',
      ip: '192.0.2.7',
      userAgent: 'agent',
      permission: 'view_customer',
    });
  });

  test('cannot prove keys that its caller cannot see, nor signed keys', async () => {
    const { createScope } = await ask<{ createScope: { id: string } }>(
      'mutation ($input: CreateScopeInput!) { createScope(input: $input) { id } }',
      { input: { name: 'Elsewhere', kind: 'CUSTOMER', email: 'elsewhere@example.test' } },
    );
    const bounded = await create({
      permissions: null,
      grants: [{ scopeId: createScope.id, permissions: ['keywright.verify'] }],
    });
    const key = await create();
    const signed = await create({ kind: 'SIGNED', signatureProfiles: ['RFC9421'] });
    const socket = await open(bounded);
    expect(await socket.prove(key.secret)).toMatchObject({ type: 'refused', code: 'KEY_NOT_FOUND' });
    expect(await (await open()).prove(signed.secret)).toMatchObject({
      type: 'refused',
      code: 'KEY_MALFORMED',
    });
    expect(await socket.ask({ type: 'judge', keyId: key.id, question: ANYTHING })).toMatchObject({
      code: 'NOT_REMEMBERED',
    });
  });
});

describe('a change', () => {
  test('of a key is sent immediately to verifiers that cache it, and to no others', async () => {
    const [key, other] = [await create(), await create()];
    const [knows, knowsOther] = [await open(), await open()];
    await knows.prove(key.secret);
    await knowsOther.prove(other.secret);
    for (const name of ['disableApiKey', 'enableApiKey', 'revokeApiKey']) {
      const before = knows.forgotten.length;
      await change(name, key.id);
      await eventually(() => expect(knows.forgotten.slice(before)).toEqual([[key.id]]));
      // Notified once; after that the token must be proven again.
      expect(await knows.ask({ type: 'judge', keyId: key.id, question: ANYTHING })).toMatchObject({
        code: 'NOT_REMEMBERED',
      });
      expect(await knows.prove(key.secret)).toMatchObject({
        key: { enabled: name !== 'disableApiKey', revoked: name === 'revokeApiKey' },
      });
    }
    expect(knowsOther.forgotten).toEqual([]);
  });

  test('of roles clears the whole cache', async () => {
    const { createRole } = await ask<{ createRole: { id: string } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }',
      { input: { name: 'Reader of local verifiers', permissions: ['view_customer'] } },
    );
    const key = await create({
      permissions: null,
      grants: [{ scopeId: ROOT, roleId: createRole.id }],
    });
    const socket = await open();
    const wants = { permissions: ['account.read'], scopeId: null };
    await socket.prove(key.secret);
    expect(await socket.ask({ type: 'judge', keyId: key.id, question: wants })).toMatchObject({
      judgement: { refused: 'PERMISSION_DENIED' },
    });
    await ask('mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }', {
      input: { id: createRole.id, permissions: ['view_customer', 'account.read'] },
    });
    await eventually(() => expect(socket.forgotten).toContain('ALL'));
    await socket.prove(key.secret);
    expect(await socket.ask({ type: 'judge', keyId: key.id, question: wants })).toMatchObject({
      judgement: { refused: null },
    });
  });

  test.each([
    ['revoked', (id: string) => change('revokeApiKey', id)],
    ['disabled', (id: string) => change('disableApiKey', id)],
    ['regenerated', (id: string) => change('regenerateApiKey', id)],
    ['without its permission', (id: string) => update({ id, permissions: ['view_customer'] })],
    ['expired', (id: string) => update({ id, expiresAt: new Date(Date.now() + 1500).toISOString() })],
  ])('ends the connection of a caller whose key is %s', async (_, end) => {
    const own = await create({ permissions: ['keywright.verify'] });
    const socket = await open(own);
    const key = await create();
    await socket.prove(key.secret);
    await end(own.id);
    expect(await within(5000, socket.closed)).toBe(4401);
  });

  test('of a caller that keeps its permission keeps the connection, but everything is proven again', async () => {
    const own = await create({ permissions: ['keywright.verify'] });
    const key = await create();
    const socket = await open(own);
    await socket.prove(key.secret);
    await ask('mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 60) { apiKey { id } } }', {
      id: own.id,
    });
    await eventually(() => expect(socket.forgotten).toEqual(['ALL']));
    expect(await socket.prove(key.secret)).toMatchObject({ type: 'proved' });
  });
});

describe('malformed messages', () => {
  test('are rejected or end the connection, and have no other effect', async () => {
    const key = await create();
    const type = fc.constantFrom(
      'prove',
      'judge',
      'lease',
      'release',
      'usage',
      'dropped',
      'hello',
      '__proto__',
    );
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(key.id, key.secret, -1, 1e300, '', [], {}));
    const names = fc.constantFrom(
      'token question environment facts keyId wanted needed lease units batch keyIds'.split(' ') as never,
    );
    const shaped = fc
      .tuple(
        type,
        fc.option(fc.oneof(fc.nat(), value)),
        fc.array(fc.tuple(fc.oneof(names, fc.string()), value), { maxLength: 6 }),
      )
      .map(([type, id, members]) => JSON.stringify({ type, id, ...Object.fromEntries(members) }));
    const message = fc.oneof(
      shaped,
      fc.jsonValue().map((any) => JSON.stringify(any)),
      fc.string(),
      fc.constant('['.repeat(100_000)),
    );
    let socket = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 10 }), async (texts) => {
        if (socket.socket.readyState !== WebSocket.OPEN) socket = await open();
        const before = socket.texts.length;
        for (const text of texts) socket.say(text);
        const end = await Promise.race([
          socket.prove(key.secret).then(({ type }) => type),
          socket.closed.then((code) => code),
        ]);
        expect(['proved', 4400]).toContain(end);
        for (const text of socket.texts.slice(before)) {
          const { type, code } = JSON.parse(text) as { type: string; code?: string };
          if (type === 'failed') expect(['BAD', 'NOT_REMEMBERED']).toContain(code);
        }
      }),
      { numRuns: 150 * LONGER },
    );
    const binary = await open();
    binary.socket.send(Buffer.from([0, 255]));
    expect(await within(5000, binary.closed)).toBe(4400);
    const huge = await open();
    huge.say('x'.repeat(1024 * 1024 + 1));
    expect([1006, 1009]).toContain(await within(5000, huge.closed));
    expect((await fetch(`${keywright.url}/livez`)).status).toBe(200);
    expect(keywright.process.stderr() + keywright.process.stdout()).not.toMatch(/could not be sent|failed/);
  });

  test('and all other messages never returned a secret', () => {
    expect(received.length).toBeGreaterThan(50);
    const all = received.join('\n');
    for (const secret of secrets) expect(all).not.toContain(secret.slice(-38));
    expect(all).not.toMatch(/digest|pepper|sealed|secret"/i);
  });
});
