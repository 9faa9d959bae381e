import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import {
  NONCES_KNOWN_AFTER_MS,
  signByExpiry,
  signByTimestamp,
  signMessage,
} from '../support/peers/signers.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;
let caller: CreatedKey;

beforeAll(async () => {
  keywright = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' } });
  bearer = await signIn(keywright.url);
  caller = await createKey(
    keywright.url,
    { bearer },
    {
      name: 'Caller é',
      permissions: ['view_customer', 'ticket.read'],
      rateLimits: [{ name: 'minute', limit: 100, windowSeconds: 60 }],
    },
  );
  await sleep(NONCES_KNOWN_AFTER_MS);
});
afterAll(() => keywright.stop());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly code: string | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Asks as a gateway does; undefined headers are omitted. */
function ask(path: string, headers: Headers, { method = 'GET', url = keywright.url } = {}): Promise<Answer> {
  const sent = Object.fromEntries(
    Object.entries(headers).filter(([, value]) => value !== undefined),
  ) as Record<string, string | string[]>;
  return new Promise((resolve, reject) => {
    // The unchanged path, as a URL would lose its dot segments.
    const call = httpRequest(url, { path, method, headers: sent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        const code = body.startsWith('{') ? (JSON.parse(body) as { code: string }).code : undefined;
        resolve({ status: response.statusCode!, headers: response.headers, body, code });
      });
    });
    call.once('error', reject);
    call.end();
  });
}

/** The headers that nginx sends about a request. */
const original = (uri = '/crm/customers?page=2', method = 'GET'): Record<string, string> => ({
  'x-original-method': method,
  'x-original-uri': uri,
  'x-forwarded-for': '203.0.113.9',
});
const production = '/v1/authorize/production?permission=view_customer';

describe('a gateway that asks about a request', () => {
  test('gets the caller and the state of its limits', async () => {
    const answer = await ask(production, { ...original(), 'x-api-key': caller.secret });
    expect(answer.status).toBe(204);
    expect(answer.body).toBe('');
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.headers).toMatchObject({
      'x-key-id': caller.id,
      'x-key-name': 'Caller%20%C3%A9',
      'x-key-permissions': 'ticket.read view_customer',
      'x-key-scopes': expect.stringMatching(/^scp_/),
      'ratelimit-policy': '"minute";q=100;w=60',
      ratelimit: expect.stringMatching(/^"minute";r=\d+;t=\d+$/),
      'cache-control': 'no-store',
    });
  });

  test('gets the reason and code of a rejection, and the same in a header', async () => {
    const missing = await ask(production, original());
    expect(missing).toMatchObject({ status: 401, code: 'KEY_MISSING' });
    expect(missing.headers['www-authenticate']).toContain('X-API-KEY');
    expect(missing.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(missing.headers['x-keywright-problem'] as string)).toEqual(JSON.parse(missing.body));
    const denied = await ask('/v1/authorize/production?permission=license.manage', {
      ...original(),
      'x-api-key': caller.secret,
    });
    expect(denied).toMatchObject({ status: 403, code: 'PERMISSION_DENIED' });
    const elsewhere = await ask('/v1/authorize/staging?permission=view_customer', {
      ...original(),
      'x-api-key': caller.secret,
    });
    expect(elsewhere).toMatchObject({ status: 401, code: 'WRONG_ENVIRONMENT' });
    const limited = await createKey(
      keywright.url,
      { bearer },
      { rateLimits: [{ name: 'hour', limit: 1, windowSeconds: 3600 }] },
    );
    const headers = { ...original(), 'x-api-key': limited.secret };
    expect((await ask(production, headers)).status).toBe(204);
    const refused = await ask(production, headers);
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['ratelimit']).toContain('r=0');
  });

  test('can ask with any method, and about signed requests of every profile', async () => {
    const signs = await createKey(
      keywright.url,
      { bearer },
      { kind: 'SIGNED', signatureProfiles: ['TIMESTAMP', 'EXPIRY', 'RFC9421'] },
    );
    const signer = { id: signs.id, secret: signs.secret };
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE']) {
      const { headers, path } = signByTimestamp(signer, '/crm/customers');
      expect((await ask(production, { ...original(path), ...headers }, { method })).status, method).toBe(204);
    }
    const query = signByExpiry(signer, '/crm/customers', { encode: (text) => text });
    expect((await ask(production, original(query.path))).status).toBe(204);
    const message = signMessage(signer, '/crm/customers?page=2', { authority: 'api.example.test' });
    const host = { 'x-forwarded-host': 'api.example.test' };
    const headers = { ...original(message.path), ...message.headers };
    expect((await ask(production, { ...headers, ...host })).status).toBe(204);
    expect(await ask(production, { ...headers, ...host })).toMatchObject({ status: 401, code: 'REPLAYED' });
    const other = signMessage(signer, '/crm/customers?page=2', { authority: 'api.example.test' });
    const moved = { ...original('/crm/customers?page=3'), ...other.headers, ...host };
    expect(await ask(production, moved)).toMatchObject({ status: 401, code: 'SIGNATURE_INVALID' });
  });

  test('logs the request with its own address, method and path', async () => {
    const uri = `/crm/seen-${Date.now()}`;
    await ask(production, { ...original(uri, 'PUT'), 'x-api-key': caller.secret });
    await eventually(async () => {
      const { requestLogs } = await request<{ requestLogs: { nodes: Record<string, unknown>[] } }>(
        keywright.url,
        'query ($prefix: String) { requestLogs(filter: { pathPrefix: $prefix }) { nodes { method path ip status permission } } }',
        { prefix: uri },
        { bearer },
      );
      expect(requestLogs.nodes).toEqual([
        { method: 'PUT', path: uri, ip: '203.0.113.9', status: 200, permission: 'view_customer' },
      ]);
    });
  });
});

describe('a caller that is not a trusted gateway', () => {
  test('is rejected, whatever it forwards', async () => {
    const plain = await startKeywright();
    try {
      const answer = await ask(production, { ...original(), 'x-api-key': 'kw_live_x' }, { url: plain.url });
      expect(answer).toMatchObject({ status: 403, code: 'GATEWAY_NOT_TRUSTED' });
      expect(answer.body).toContain('KEYWRIGHT_TRUSTED_PROXIES');
    } finally {
      await plain.stop();
    }
  });

  test('can authenticate with a key, which needs keywright.verify', async () => {
    const gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
    const headers = { ...original(), 'x-api-key': caller.secret };
    expect((await ask(production, { ...headers, 'x-gateway-key': gateway.secret })).status).toBe(204);
    for (const key of ['', 'nonsense', caller.secret, [gateway.secret, gateway.secret]]) {
      const answer = await ask(production, { ...headers, 'x-gateway-key': key });
      expect(answer, String(key)).toMatchObject({ status: 403, code: 'GATEWAY_NOT_TRUSTED' });
    }
  });

  test.each([
    '/v1/authorize/nowhere',
    '/v1/authorize/production?permission=',
    '/v1/authorize/production?permissions=a',
    '/v1/authorize/production?scope=scp_x',
    '/v1/authorize/production?permission=a&cost=0',
    '/v1/authorize/permission=/production',
    '/v1/authorize/permission=a/production?scope=scp_x',
    '/v1/authorize/permission=a',
    '/v1/authorize/gateway=envoy/production',
    '/v1/authorize/__proto__',
  ])('gets an error for a mistake in its URL: %s', async (path) => {
    const answer = await ask(path, { ...original(), 'x-api-key': caller.secret });
    expect(answer).toMatchObject({ status: 403, code: 'GATEWAY_NOT_TRUSTED' });
  });
});

test.each(['/', '/authorize/production', '/v1/authorise', '/v1/authorizes/production', '/keys'])(
  'a gateway that asks at a wrong URL never gets an acceptance: %s',
  async (path) => {
    for (const headers of [original(), { 'x-forwarded-uri': '/crm', 'x-forwarded-method': 'GET' }]) {
      const { status } = await ask(path, { ...headers, 'x-api-key': caller.secret });
      expect(status).toBe(404);
    }
  },
);

describe('an ambiguous request', () => {
  const clear = original();
  test.each<[string, Headers]>([
    ['no method', { ...clear, 'x-original-method': undefined }],
    ['no path', { ...clear, 'x-original-uri': undefined }],
    ['no address', { ...clear, 'x-forwarded-for': undefined }],
    ['an empty method', { ...clear, 'x-original-method': '' }],
    ['an empty path', { ...clear, 'x-original-uri': '' }],
    ['an empty address', { ...clear, 'x-forwarded-for': '' }],
    ['two methods', { ...clear, 'x-original-method': ['GET', 'GET'] }],
    ['two paths', { ...clear, 'x-original-uri': ['/a', '/a'] }],
    ['two lists of addresses', { ...clear, 'x-forwarded-for': ['203.0.113.9', '203.0.113.9'] }],
    ['two different paths', { ...clear, 'x-forwarded-uri': '/public' }],
    ['two different methods', { ...clear, 'x-forwarded-method': 'POST' }],
    ['an unknown method', { ...clear, 'x-original-method': 'BREW' }],
    ['a lowercase method', { ...clear, 'x-original-method': 'get' }],
    ['an invalid address', { ...clear, 'x-forwarded-for': 'unknown' }],
    ['an unknown scheme', { ...clear, 'x-forwarded-proto': 'gopher' }],
    ['an invalid host', { ...clear, 'x-forwarded-host': 'a b' }],
    ['another method on top', { ...clear, 'x-http-method-override': 'DELETE' }],
    ['another path on top', { ...clear, 'x-rewrite-url': '/admin' }],
    ['an identity', { ...clear, 'x-key-id': 'key_1' }],
    ['an identity with an underscore', { ...clear, x_key_id: 'key_1' }],
    ['an identity with another sign', { ...clear, 'x.key-permissions': '*' }],
    ['another one', { ...clear, 'x_service-account_id': 'sva_1' }],
    ...[
      'crm',
      'http://other.test/crm',
      '//crm',
      '/crm//x',
      '/crm/../admin',
      '/crm/%2e%2e/admin',
      '/crm/%2E/x',
      '/crm%2fadmin',
      '/crm%5cadmin',
      '/crm\\admin',
      '/crm/%252e%252e/admin',
      '/crm/%00',
      '/crm/%zz',
      '/crm/%c0%ae',
      '/crm;a=b/x',
      '/crm#x',
      '*',
    ].map((uri): [string, Headers] => [`the path ${uri}`, { ...clear, 'x-original-uri': uri }]),
  ])('is rejected: %s', async (_, headers) => {
    const answer = await ask(production, { ...headers, 'x-api-key': caller.secret });
    expect(answer).toMatchObject({ status: 403, code: 'REQUEST_UNCLEAR' });
  });
});

describe('what the gateway requires', () => {
  const named = '/v1/authorize/permission=license.manage/production';
  const headers = (uri: string): Headers => ({ ...original(uri), 'x-api-key': caller.secret });

  test('is named in the path of its URL', async () => {
    const answer = await ask('/v1/authorize/permission=view_customer/cost=1/production', headers('/crm'));
    expect(answer.status).toBe(204);
    expect((await ask(named, headers('/crm?permission=view_customer'))).code).toBe('PERMISSION_DENIED');
  });

  test.each([
    'permission=view_customer',
    'PERMISSION=view_customer',
    'per%6dission=view_customer',
    'per%256Dission=view_customer',
    'permission[]=view_customer',
    'a=b;permission=view_customer',
    '%20permission=view_customer',
  ])('is never taken from the query of the original request: %s', async (query) => {
    for (const path of [`/v1/authorize/production?${query}`, `${named}?${query}`, production]) {
      expect(await ask(path, headers(`/crm?${query}`)), path).toMatchObject({
        status: 403,
        code: 'GATEWAY_NOT_TRUSTED',
      });
    }
  });

  test('can be in the query if the original request has no parameter of that name', async () => {
    expect((await ask(production, headers('/crm?page=2&scope=all'))).status).toBe(204);
    const scoped = `${production}&scope=scp_x`;
    expect((await ask(scoped, headers('/crm?page=2&scope=all'))).code).toBe('GATEWAY_NOT_TRUSTED');
    expect((await ask(scoped, headers('/crm?page=2'))).code).toBe('SCOPE_DENIED');
  });

  test('comes from the rules if the query is only that of the original request', async () => {
    const kept = await ask('/v1/authorize/production?page=2', headers('/crm?page=2'));
    expect(kept).toMatchObject({ status: 403, code: 'PERMISSION_DENIED' });
    await eventually(() => {
      expect(keywright.process.stdout().match(/appends the client's query/g)).toHaveLength(1);
    });
    expect((await ask('/v1/authorize/production?page=2', headers('/crm?page=3'))).code).toBe(
      'GATEWAY_NOT_TRUSTED',
    );
  });

  test('is not covered by a wildcard unless it is a well-formed permission', async () => {
    const holder = await createKey(keywright.url, { bearer }, { permissions: ['ticket.*'] });
    const may = async (permission: string): Promise<number> =>
      (
        await ask(`/v1/authorize/permission=${encodeURIComponent(permission)}/production`, {
          ...original(),
          'x-api-key': holder.secret,
        })
      ).status;
    expect(await may('ticket.read')).toBe(204);
    for (const permission of ['ticket.', 'ticket.Read', 'ticket.read ', 'ticket.<script>', 'ticket.a\nb']) {
      expect(await may(permission), permission).toBe(403);
    }
  });
});

describe('a gateway that relies on route rules', () => {
  const save = (input: Record<string, unknown>): Promise<unknown> =>
    request(
      keywright.url,
      'mutation ($input: CreateRouteRuleInput!) { createRouteRule(input: $input) { id } }',
      { input },
      { bearer },
    );

  test('is denied if no rule matches, and otherwise gets the result of the first match', async () => {
    const headers = { 'x-api-key': caller.secret };
    const closed = await ask('/v1/authorize/production', { ...original(), ...headers });
    expect(closed).toMatchObject({ status: 403, code: 'PERMISSION_DENIED' });
    expect(closed.body).toContain('No route rule');
    expect((await ask('/v1/authorize/production', original())).code).toBe('KEY_MISSING');
    const environments = ['PRODUCTION'];
    const rule = (method: string, pathPattern: string, permission: string | null, access = 'PERMISSION') =>
      save({ environments, method, pathPattern, access, permission });
    await rule('GET', '/crm/customers', 'view_customer');
    await rule('ANY', '/crm/closed/**', null, 'NOBODY');
    await rule('ANY', '/crm/**', 'license.manage');
    await rule('GET', '/any', null, 'ANY_KEY');
    await eventually(async () => {
      const answers = await Promise.all(
        ['/crm/customers?x=1', '/CRM/customers/', '/crm/closed/x', '/crm/other', '/any', '/none'].map((uri) =>
          ask('/v1/authorize/production', { ...original(uri), ...headers }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual([204, 204, 403, 403, 204, 403]);
    });
    await rule('OPTIONS', '/closed/**', null, 'ANYBODY');
    await rule('TRACE', '/any', null, 'ANY_KEY');
    await eventually(async () => {
      const open = await ask('/v1/authorize/production', original('/closed/x', 'OPTIONS'));
      expect(open).toMatchObject({ status: 204, body: '', headers: { 'cache-control': 'no-store' } });
      expect(Object.keys(open.headers).filter((name) => /^x-key|ratelimit/.test(name))).toEqual([]);
    });
    expect((await ask('/v1/authorize/production', original('/closed/x', 'GET'))).code).toBe('KEY_MISSING');
    const forged = { ...original('/closed/x', 'OPTIONS'), 'x-key-id': caller.id };
    expect((await ask('/v1/authorize/production', forged)).code).toBe('REQUEST_UNCLEAR');
    for (const method of ['TRACE', 'get', 'BREW']) {
      const { testRoute } = await request<{ testRoute: { access: string; refused: string | null } }>(
        keywright.url,
        'query ($method: String!) { testRoute(method: $method, path: "/any", environment: PRODUCTION) { access refused } }',
        { method },
        { bearer },
      );
      expect(testRoute).toEqual({ access: 'NOBODY', refused: expect.any(String) });
      const asked = await ask('/v1/authorize/production', { ...original('/any', method), ...headers });
      expect(asked, method).toMatchObject({ status: 403, code: 'REQUEST_UNCLEAR' });
      expect(asked.body).toContain(testRoute.refused);
    }
    // A gateway can also append the original request to its own address.
    const behind = (path: string, method = 'GET'): Promise<Answer> =>
      ask(`/v1/authorize/production${path}`, { 'x-forwarded-for': '203.0.113.9', ...headers }, { method });
    expect((await behind('/crm/customers?permission=x')).status).toBe(204);
    expect((await behind('/crm/customers', 'POST')).status).toBe(403);
    expect((await behind('/crm/closed/x?permission=view_customer')).status).toBe(403);
    expect((await behind('/crm/%2e%2e/any')).code).toBe('REQUEST_UNCLEAR');
  });
});
