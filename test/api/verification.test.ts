import { request as httpRequest } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, verify, type CreatedKey } from '../support/peers/client.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;
let gateway: CreatedKey;
let key: CreatedKey;

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);

const ask = async (body: unknown) => (await verify(keywright.url, gateway.secret, body)).body;

beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
  gateway = await create({ permissions: ['keywright.verify'] });
  key = await create({ permissions: ['view_customer'], metadata: { team: 'crm' } });
});

/** A token with another secret, the same public part and a valid checksum. */
async function wrongSecretOf(token: string): Promise<string> {
  const other = await create();
  const body = token.slice(0, 8 + 12) + other.secret.slice(8 + 12, -6);
  return body + checksum(body);
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 (IEEE 802.3) bit by bit, as six base62 characters; independent of the server's implementation. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let value = (crc ^ 0xffffffff) >>> 0;
  let encoded = '';
  for (let i = 0; i < 6; i++) {
    encoded = ALPHABET[value % 62] + encoded;
    value = Math.floor(value / 62);
  }
  return encoded;
}

describe('POST /v1/verify', () => {
  test('returns everything about a valid key', async () => {
    const { status, body } = await verify(keywright.url, gateway.secret, {
      key: key.secret,
      permission: 'view_customer',
      scope: keywright.id,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      valid: true,
      code: 'VALID',
      status: 200,
      requestId: expect.stringMatching(/^req_[0-9a-z]{26}$/) as string,
      keyId: key.id,
      name: key.name,
      environment: 'PRODUCTION',
      serviceAccountId: null,
      permissions: ['view_customer'],
      scopes: [keywright.id],
      expiresAt: null,
      metadata: { team: 'crm' },
      limits: [],
      retryAfter: null,
    });
  });

  test('reveals nothing about an unknown key, and the same for a wrong secret', async () => {
    const answers = [
      await ask({ key: `kw_live_${'0'.repeat(44)}${checksum(`kw_live_${'0'.repeat(44)}`)}` }),
      await ask({ key: await wrongSecretOf(key.secret) }),
    ];
    for (const answer of answers) {
      expect(Object.keys(answer)).toEqual(['valid', 'code', 'status', 'requestId', 'message', 'retryAfter']);
      expect({ ...answer, requestId: '' }).toEqual({ ...answers[0], requestId: '' });
      expect(answer).toMatchObject({ valid: false, code: 'KEY_NOT_FOUND', status: 401, retryAfter: null });
    }
  });

  test('answers malformed keys like unknown ones, except for the code', async () => {
    const unknown = await ask({ key: await wrongSecretOf(key.secret) });
    const { secret } = key;
    const garbage = [
      `' or 1=1 --`,
      '${jndi:ldap://x}',
      'a'.repeat(90_000),
      `${secret}\0`,
      `${secret}\n`,
      `${secret} `,
      ` ${secret}`,
      `${secret}\u200b`,
      secret.replace('kw', 'ѡw'),
      secret.toUpperCase(),
      secret.replace('live', 'stag'),
      secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0'),
      encodeURIComponent(`${secret}%`),
    ];
    for (const text of garbage) {
      const answer = await ask({ key: text });
      expect(answer, text.slice(0, 80)).toEqual({
        ...unknown,
        code: 'KEY_MALFORMED',
        requestId: answer.requestId,
      });
    }
  });

  test('also reads the key from the headers of the request', async () => {
    const headers = { 'X-API-KEY': key.secret, 'user-agent': 'curl' };
    expect(await ask({ request: { method: 'GET', url: '/x', headers } })).toMatchObject({ code: 'VALID' });
    expect(await ask({})).toMatchObject({ code: 'KEY_MISSING', status: 401 });
    const misplaced = await ask({ request: { headers: { authorization: `Bearer ${key.secret}` } } });
    expect(misplaced).toMatchObject({ code: 'KEY_MISSING' });
    expect(misplaced['message']).toContain('X-API-KEY');
    const inUrl = await ask({ request: { url: `/x?api_key=${key.secret}` } });
    expect(inUrl).toMatchObject({ code: 'KEY_MISSING' });
  });

  test('rejects two conflicting credentials', async () => {
    const other = await create();
    for (const body of [
      { key: key.secret, request: { headers: { 'x-api-key': other.secret } } },
      { request: { headers: { 'x-api-key': [key.secret, other.secret] } } },
      { request: { headers: { 'x-api-key': key.secret, authorization: `Bearer ${other.secret}` } } },
      { request: { headers: { 'x-api-key': key.secret, 'X-API-KEY': other.secret } } },
      { request: { headers: { 'x-api-key': key.secret }, url: `/?key=${other.secret}` } },
    ]) {
      expect(await ask(body)).toMatchObject({ code: 'AMBIGUOUS_CREDENTIAL', status: 401 });
    }
  });

  test('rejects with the code of the first check that fails', async () => {
    const expiring = await create({ expiresAt: new Date(Date.now() + 1500).toISOString() });
    const staging = await create({ environment: 'STAGING' });
    const bound = await create({ allowedCidrs: ['203.0.113.0/24'] });
    const disabled = await create({ enabled: false });
    const limited = await create({ rateLimits: [{ name: 'minute', limit: 2, windowSeconds: 60 }] });
    expect(await ask({ key: disabled.secret })).toMatchObject({
      code: 'KEY_DISABLED',
      status: 401,
      keyId: disabled.id,
    });
    expect(await ask({ key: staging.secret })).toMatchObject({ code: 'WRONG_ENVIRONMENT', status: 401 });
    expect(await ask({ key: staging.secret, environment: 'STAGING' })).toMatchObject({ code: 'VALID' });
    expect(await ask({ key: bound.secret })).toMatchObject({ code: 'IP_NOT_ALLOWED', status: 403 });
    expect(await ask({ key: bound.secret, request: { ip: '::ffff:203.0.113.9' } })).toMatchObject({
      code: 'VALID',
    });
    expect(await ask({ key: key.secret, permission: 'create_customer' })).toMatchObject({
      code: 'PERMISSION_DENIED',
      status: 403,
    });
    expect(await ask({ key: key.secret, permission: ['create_customer', 'view_customer'] })).toMatchObject({
      code: 'VALID',
    });
    expect(await ask({ key: key.secret, scope: 'scp_01h455vb4pex5vsknk084sn02q' })).toMatchObject({
      code: 'SCOPE_DENIED',
      status: 403,
    });
    expect(await ask({ key: limited.secret, cost: 2 })).toMatchObject({
      limits: [{ name: 'minute', limit: 2, remaining: 0, windowSeconds: 60 }],
    });
    const over = await ask({ key: limited.secret });
    expect(over).toMatchObject({ code: 'RATE_LIMITED', status: 429, limits: [{ remaining: 0 }] });
    expect(over['retryAfter']).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(await ask({ key: expiring.secret })).toMatchObject({ code: 'KEY_EXPIRED', status: 401 });
  });

  test('reports a revoked key only to its holder', async () => {
    const doomed = await create();
    const mutation = 'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }';
    await request(keywright.url, mutation, { id: doomed.id }, { bearer });
    expect(await ask({ key: doomed.secret })).toMatchObject({ code: 'KEY_REVOKED', keyId: doomed.id });
    expect(await ask({ key: await wrongSecretOf(doomed.secret) })).toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  test('rejects an invalid body, and names all errors', async () => {
    const { status, body } = await verify(keywright.url, gateway.secret, {
      key: ['a'],
      environment: 'TEST',
      cost: '1',
      request: { ip: 'localhost', body: '' },
      surprise: true,
    });
    expect(status).toBe(400);
    expect(body.code).toBe('BAD_USER_INPUT');
    const paths = (body['errors'] as { path: string }[]).map((error) => error.path).sort();
    expect(paths).toEqual(['cost', 'environment', 'key', 'request.body', 'request.ip', 'surprise']);
    for (const odd of [[], 7, 'text', null, { key: {} }, { key: 7 }, { permission: {} }]) {
      expect((await verify(keywright.url, gateway.secret, odd)).status, JSON.stringify(odd)).toBe(400);
    }
  });

  test('rejects a body that is not JSON', async () => {
    for (const [type, body] of [
      ['application/json', '{"key":'],
      ['application/json', ''],
      ['text/plain', 'key'],
      ['application/x-www-form-urlencoded', 'key=1'],
    ] as const) {
      const response = await fetch(`${keywright.url}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': type, 'x-api-key': gateway.secret },
        body,
      });
      expect([400, 415]).toContain(response.status);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });

  test('answers batches of up to a hundred, in order', async () => {
    const batch = (requests: unknown[]) =>
      fetch(`${keywright.url}/v1/verify/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.secret}` },
        body: JSON.stringify({ requests }),
      });
    const response = await batch([{ key: key.secret }, { key: 'x' }, {}]);
    const { results } = (await response.json()) as { results: { code: string }[] };
    expect(results.map((result) => result.code)).toEqual(['VALID', 'KEY_MALFORMED', 'KEY_MISSING']);
    expect((await batch(Array.from({ length: 101 }, () => ({ key: 'x' })))).status).toBe(400);
    expect((await batch([])).status).toBe(400);
  });
});

describe('the caller of /v1/verify', () => {
  const call = (headers: Record<string, string>) =>
    fetch(`${keywright.url}/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ key: key.secret }),
    });

  test('authenticates with a key that has keywright.verify', async () => {
    expect((await call({ 'x-api-key': gateway.secret })).status).toBe(200);
    expect((await call({ authorization: `Bearer ${gateway.secret}` })).status).toBe(200);
    const lacking = await call({ 'x-api-key': key.secret });
    expect(lacking.status).toBe(403);
    expect(await lacking.json()).toMatchObject({ code: 'PERMISSION_DENIED', status: 403 });
  });

  test('is rejected without one, with a challenge', async () => {
    const refused: Record<string, string>[] = [
      {},
      { 'x-api-key': 'nonsense' },
      { authorization: 'Bearer nonsense' },
    ];
    for (const headers of refused) {
      const response = await call(headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('X-API-KEY');
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
    const both = await call({ 'x-api-key': gateway.secret, authorization: `Bearer ${gateway.secret}` });
    expect(await both.json()).toMatchObject({ code: 'AMBIGUOUS_CREDENTIAL' });
  });

  test('is rejected with a key of another environment', async () => {
    const staging = await create({ environment: 'STAGING', permissions: ['keywright.verify'] });
    expect(await (await call({ 'x-api-key': staging.secret })).json()).toMatchObject({
      code: 'WRONG_ENVIRONMENT',
    });
  });
});

describe('verifyApiKey in GraphQL', () => {
  const MUTATION = 'mutation ($input: JSON!) { verifyApiKey(input: $input) }';

  test('gives the same answer', async () => {
    const input = { key: key.secret, permission: 'view_customer' };
    const { verifyApiKey } = await request<{ verifyApiKey: Record<string, unknown> }>(
      keywright.url,
      MUTATION,
      { input },
      { bearer },
    );
    const overHttp = await ask(input);
    expect({ ...verifyApiKey, requestId: '' }).toEqual({ ...overHttp, requestId: '' });
  });

  test('rejects the same errors, and callers without the permission', async () => {
    const bad = await graphql(keywright.url, MUTATION, { input: { surprise: 1 } }, { bearer });
    expect(codes(bad)).toEqual(['BAD_USER_INPUT']);
    expect(bad.errors[0]!.extensions.fields).toEqual([expect.objectContaining({ path: 'surprise' })]);
    const lacking = await graphql(keywright.url, MUTATION, { input: {} }, { apiKey: key.secret });
    expect(codes(lacking)).toEqual(['FORBIDDEN']);
    const anonymous = await graphql(keywright.url, MUTATION, { input: {} });
    expect(codes(anonymous)).toEqual(['UNAUTHENTICATED']);
  });
});

describe('a key in a request', () => {
  /** Sends headers exactly as listed, including repetitions. */
  const raw = (headers: string[], path = '/sandbox/production/ping') =>
    new Promise<{ status: number; code?: string }>((resolve, reject) => {
      const sent = httpRequest(
        `${keywright.url}${path}`,
        { headers: ['host', 'x', ...headers] },
        (answer) => {
          let body = '';
          answer.setEncoding('utf8').on('data', (text: string) => (body += text));
          answer.on('end', () =>
            resolve({ status: answer.statusCode!, ...(JSON.parse(body || '{}') as { code?: string }) }),
          );
        },
      );
      sent.on('error', reject).end();
    });

  test('is rejected if its header is repeated, or another scheme is present', async () => {
    const other = await create();
    const ambiguous = { status: 401, code: 'AMBIGUOUS_CREDENTIAL' };
    const header = ['x-api-key', key.secret];
    expect(await raw([...header, 'X-API-KEY', other.secret])).toMatchObject(ambiguous);
    expect(await raw([...header, ...header])).toMatchObject(ambiguous);
    expect(await raw([...header, 'authorization', 'Bearer x'])).toMatchObject(ambiguous);
    expect(await raw(header, `/sandbox/production/ping?key=${other.secret}`)).toMatchObject(ambiguous);
  });

  test('gets the same rejection whether it is unknown or its secret is wrong, headers included', async () => {
    const unknown = `kw_live_${'1'.repeat(44)}${checksum(`kw_live_${'1'.repeat(44)}`)}`;
    const answers = await Promise.all(
      [unknown, await wrongSecretOf(key.secret)].map(async (token) => {
        const response = await sandbox(keywright.url, 'production/ping', token);
        const headers = Object.fromEntries(response.headers);
        const body = (await response.json()) as Record<string, unknown>;
        return {
          status: response.status,
          headers: { ...headers, date: '', 'x-request-id': '' },
          body: { ...body, requestId: '' },
        };
      }),
    );
    expect(answers[0]!.body).toMatchObject({ code: 'KEY_NOT_FOUND' });
    expect(answers[1]).toEqual(answers[0]);
  });

  test('is rejected as malformed if its header is 64 KB long', async () => {
    expect(await raw(['x-api-key', 'k'.repeat(64 * 1024)])).toMatchObject({
      status: 401,
      code: 'KEY_MALFORMED',
    });
  });

  test('is not read from the query string, and never logged from there', async () => {
    const response = await sandbox(keywright.url, `production/ping?api_key=${key.secret}`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'KEY_MISSING' });
    await expect
      .poll(
        () =>
          keywright.database.query<{ path: string }>(
            `select path from request_log where path like '%api_key%'`,
          ),
        { timeout: 5000 },
      )
      .toContainEqual({ path: '/sandbox/production/ping?api_key=[redacted]' });
  });

  test.each([
    ['with encoded underscores', (secret: string) => secret.replaceAll('_', '%5F')],
    ['encoded twice', (secret: string) => secret.replaceAll('_', '%255F')],
    ['next to a broken escape', (secret: string) => `${secret.replaceAll('_', '%5F')}&z=%zz`],
    ['after a lot of other text', (secret: string) => `${'x'.repeat(10_100)}&q=${secret}`],
  ])('is rejected in a query string %s, with or without a valid header', async (_what, hide) => {
    const path = `production/ping?q=${hide(key.secret)}`;
    expect(await (await sandbox(keywright.url, path)).json()).toMatchObject({
      code: 'KEY_MISSING',
      detail: expect.stringContaining('X-API-KEY') as string,
    });
    expect(await (await sandbox(keywright.url, path, key.secret)).json()).toMatchObject({
      code: 'AMBIGUOUS_CREDENTIAL',
    });
  });

  test('can be used from a range that was given as mapped IPv4', async () => {
    const mapped = await create({ allowedCidrs: ['::ffff:203.0.113.0/120'] });
    const from = async (ip: string) => (await ask({ key: mapped.secret, request: { ip } })).code;
    expect(await from('203.0.113.9')).toBe('VALID');
    expect(await from('203.0.114.9')).toBe('IP_NOT_ALLOWED');
  });
});
