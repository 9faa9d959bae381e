import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn } from '../support/peers/client.js';
import { within } from '../support/eventually.js';
import { graphql } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let port: number;
let apiKey: string;
beforeAll(async () => {
  keywright = await startKeywright({ env: { KEYWRIGHT_LOG_LEVEL: 'info' } });
  apiKey = (await createKey(keywright.url, { bearer: await signIn(keywright.url) })).secret;
  port = Number(new URL(keywright.url).port);
});
afterAll(() => keywright.stop());

/** Sends raw bytes and returns all bytes received. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.once('close', () => resolve(answer));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      answer || error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(answer) : reject(error),
    );
  });
}
const get = (path: string, extra = ''): Promise<string> =>
  raw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n${extra}\r\n`);

test('every answer has the security headers, errors included', async () => {
  for (const [path, init] of [
    ['/', {}],
    ['/keys', {}],
    ['/livez', {}],
    ['/assets/none.js', {}],
    ['/v1/none', {}],
    ['/livez', { method: 'DELETE' }],
    ['/graphql', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
    ['/sandbox/production/ping', {}],
  ] as const) {
    const { headers } = await fetch(`${keywright.url}${path}`, init);
    expect(headers.get('content-security-policy'), path).toBe(
      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
  }
});

describe('an error is a problem (RFC 9457):', () => {
  test.each([
    ['an unknown path', 404, '/v1/none', {}],
    ['a method that the path does not support', 405, '/livez', { method: 'DELETE' }],
    ['reading a write-only path', 405, '/v1/verify', {}],
    ['an unknown file', 404, '/assets/none-12345678.js', {}],
    [
      'a body that is no JSON',
      400,
      '/v1/verify',
      { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
    ],
    [
      'a body of another type',
      415,
      '/v1/verify',
      { method: 'POST', body: 'x', headers: { 'content-type': 'text/xml' } },
    ],
    ['a path with broken escapes', 400, '/%zz', {}],
  ])('%s', async (_, status, path, init) => {
    const headers = { 'x-api-key': apiKey, ...('headers' in init ? init.headers : {}) };
    const response = await fetch(`${keywright.url}${path}`, { ...init, headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({
      status,
      type: expect.any(String),
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(problem['requestId']).toMatch(/^req_/);
    expect(problem['code']).toMatch(/^[A-Z_]+$/);
    if (status === 405) expect(response.headers.get('allow')).toMatch(/^[A-Z, ]+$/);
  });

  test('a body that is too large', async () => {
    const response = await fetch(`${keywright.url}/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
      body: JSON.stringify({ key: 'x'.repeat(8_000_000) }),
    }).catch(() => undefined);
    // The connection may be cut while the client still sends.
    if (response) expect(response.status).toBe(413);
  });

  test('oversized headers, malformed requests, and bytes that are not HTTP', async () => {
    expect(await get('/livez', `X-Filler: ${'x'.repeat(200_000)}\r\n`)).toMatch(
      /^HTTP\/1.1 431 [^]*application\/problem\+json/,
    );
    expect(await raw('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc')).toMatch(/^HTTP\/1.1 400 |^$/);
    expect(
      await raw(
        `POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1.1 400 |^$/);
  });
});

describe('the pages', () => {
  test('are served for all their paths, and revalidated', async () => {
    for (const path of ['/', '/keys', '/keys/key_x', '/sign-in', '/setup']) {
      const response = await fetch(`${keywright.url}${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      const again = await fetch(`${keywright.url}${path}`, {
        headers: { 'if-none-match': response.headers.get('etag')! },
      });
      expect(again.status).toBe(304);
    }
  });

  test('load immutable, compressed files', async () => {
    const page = await (await fetch(keywright.url)).text();
    const asset = /"(\/assets\/[^"]+\.js)"/.exec(page)![1]!;
    const response = await fetch(`${keywright.url}${asset}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect((await response.text()).length).toBeGreaterThan(0);
  });

  test.each([
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/../../package.json',
    '/assets/..%5c..%5cpackage.json',
    '//evil.test/',
    '/.git/config',
  ])('never serve files outside their directory: %s', async (path) => {
    const answer = await get(path);
    expect(answer).not.toMatch(/root:x|"name": "@?keywright|\[core\]/);
    expect(answer).not.toMatch(/^location:/im);
    expect(answer).toMatch(/^HTTP\/1.1 (?:200|400|404) /);
  });
});

test('health contains no secrets', async () => {
  for (const path of ['/livez', '/readyz']) {
    const response = await fetch(`${keywright.url}${path}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  }
});

test('the log has one line per request and no credentials', async () => {
  const bearer = await signIn(keywright.url);
  const { secret } = await createKey(keywright.url, { bearer });
  await graphql(keywright.url, '{ viewer { permissions } }', {}, { cookie: `keywright_session=${bearer}` });
  await fetch(`${keywright.url}/sandbox/production/ping?x-api-key=${secret}&a=1`, {
    headers: { 'x-api-key': secret },
  });
  await get(`/sandbox/production/ping?x=%0d%0afake%20line`, `X-Request-Id: chosen\r\nUser-Agent: a\tb\r\n`);
  const log = keywright.process.stdout();
  expect(log).not.toContain(secret);
  expect(log).not.toContain(bearer);
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  expect(log).not.toContain('chosen');
  expect(keywright.process.stderr()).toBe('');
});

test('stopping completes pending requests and accepts no new ones', async () => {
  const own = await startKeywright();
  const bearer = await signIn(own.url);
  const underWay = Array.from({ length: 20 }, () =>
    graphql(own.url, '{ viewer { permissions } }', {}, { bearer }),
  );
  const idle = connect(Number(new URL(own.url).port), '127.0.0.1');
  idle.on('error', () => undefined);
  await underWay[0];
  const stopped = own.process.stop();
  for (const answer of await Promise.allSettled(underWay)) {
    if (answer.status === 'fulfilled') expect(answer.value.data).toEqual({ viewer: { permissions: ['*'] } });
  }
  expect(await within(15_000, stopped)).toEqual({ code: 0, signal: null });
  idle.destroy();
  await expect(fetch(`${own.url}/livez`)).rejects.toThrow();
  await own.stop();
});
