import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startEchoService, type EchoService, type SeenRequest } from '../support/peers/echo-service.js';
import { call, exchange, statusOf } from '../support/peers/gateway-client.js';
import { startCaddy, startHaproxy, startNginx } from '../support/servers/gateways.js';
import type { Peer } from '../support/servers/peer.js';
import { NONCES_KNOWN_AFTER_MS, signByTimestamp, signMessage } from '../support/peers/signers.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let service: EchoService;
let bearer: string;
let caller: CreatedKey;

beforeAll(async () => {
  service = await startEchoService();
  keywright = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' } });
  bearer = await signIn(keywright.url);
  caller = await createKey(
    keywright.url,
    { bearer },
    { permissions: ['view_customer'], rateLimits: [{ name: 'minute', limit: 500, windowSeconds: 60 }] },
  );
  await sleep(NONCES_KNOWN_AFTER_MS);
});
afterAll(async () => {
  await keywright.stop();
  await service.stop();
});

/** The last request received by the service. */
const lastSeen = (): SeenRequest => service.seen.at(-1)!;

const IDENTITY = /^x[^0-9a-z](?:key|service[^0-9a-z]account)[^0-9a-z]/;
const identitySeen = (): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(lastSeen().headers).filter(([name]) => IDENTITY.test(name)));

describe.each([
  ['nginx', startNginx],
  ['Caddy', startCaddy],
  ['HAProxy', startHaproxy],
])('%s, configured as in the documentation,', (_, start) => {
  let gateway: Peer;
  beforeAll(async () => {
    const named = 'permission=view_customer';
    gateway = await start({ keywright: keywright.url, service: service.address, named });
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => gateway.stop());

  test('passes an accepted request on, and names the caller to the service', async () => {
    const answer = await call(
      gateway,
      '/crm/customers?page=2&x=%2F',
      { 'x-api-key': caller.secret, 'content-type': 'application/json' },
      { method: 'POST', body: '{"name":"New"}' },
    );
    expect(answer.status, answer.body).toBe(200);
    expect(lastSeen()).toMatchObject({
      method: 'POST',
      url: '/crm/customers?page=2&x=%2F',
      body: '{"name":"New"}',
    });
    expect(identitySeen()).toMatchObject({
      'x-key-id': [caller.id],
      'x-key-name': [caller.name],
      'x-key-permissions': ['view_customer'],
      'x-key-scopes': [expect.stringMatching(/^scp_/)],
    });
    expect(lastSeen().headers).not.toHaveProperty('x-api-key');
    // The key has no service account, and is not signed.
    for (const name of ['x-service-account-id', 'x-key-signature']) {
      expect(lastSeen().headers[name] ?? [''], name).toEqual(['']);
    }
  });

  test('returns 401, 403 and 429 with body and headers to the client, without calling the service', async () => {
    const before = service.seen.length;
    const missing = await call(gateway, '/crm');
    expect(missing).toMatchObject({ status: 401, json: { code: 'KEY_MISSING', status: 401 } });
    expect(missing.headers['www-authenticate']).toBe('ApiKey realm="Keywright", header="X-API-KEY"');
    expect(missing.headers['content-type']).toContain('application/problem+json');
    expect(missing.headers['cache-control']).toBe('no-store');
    const may = (permissions: string[], rateLimits: unknown[] = []): Promise<CreatedKey> =>
      createKey(keywright.url, { bearer }, { permissions, rateLimits });
    const other = await may(['ticket.read']);
    const denied = await call(gateway, '/crm', { 'x-api-key': other.secret });
    expect(denied).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });
    expect(service.seen.length).toBe(before);
    const limited = await may(['view_customer'], [{ name: 'hour', limit: 1, windowSeconds: 3600 }]);
    expect((await call(gateway, '/crm', { 'x-api-key': limited.secret })).status).toBe(200);
    const refused = await call(gateway, '/crm', { 'x-api-key': limited.secret });
    expect(refused).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['ratelimit-policy']).toBe('"hour";q=1;w=3600');
    expect(refused.headers['ratelimit']).toContain('r=0');
    expect(service.seen.length).toBe(before + 1);
  });

  test("never lets a client set the caller's identity, under any alias", async () => {
    for (const name of [
      'X-Key-Id',
      'x-key-permissions',
      'X_Key_Id',
      'X-Key_Id',
      'X.Key.Id',
      'X-Service_Account-Id',
    ]) {
      const { status } = await call(gateway, '/crm', { 'x-api-key': caller.secret, [name]: 'forged' });
      if (status !== 200) expect(status, name).toBe(403);
      else expect(JSON.stringify(identitySeen()), name).not.toContain('forged');
    }
    expect(JSON.stringify(service.seen)).not.toContain('forged');
  });

  test('cannot be misled about the original request', async () => {
    const before = service.seen.length;
    const forgeries: Record<string, string>[] = [
      { 'x-original-uri': '/public' },
      { 'x-original-method': 'OPTIONS' },
      { 'x-forwarded-uri': '/public' },
      { 'x-forwarded-method': 'OPTIONS' },
      { 'x-gateway-key': caller.secret },
    ];
    for (const headers of forgeries) {
      const forged = await call(gateway, '/crm/real', headers);
      expect(forged.status, JSON.stringify(headers)).toBe(401);
    }
    expect(service.seen.length).toBe(before);
    const from = await createKey(keywright.url, { bearer }, { allowedCidrs: ['203.0.113.0/24'] });
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded']) {
      const elsewhere = await call(gateway, '/crm', { 'x-api-key': from.secret, [name]: '203.0.113.9' });
      expect(elsewhere.status, name).toBe(403);
    }
  });

  test('rejects paths that servers may read in two ways', async () => {
    const before = service.seen.length;
    for (const path of [
      '/crm/../admin',
      '/crm/%2e%2e/admin',
      '/crm/%2fadmin',
      '//admin',
      '/crm//admin',
      '/a%5cb',
      '/a;b/c',
      '/a%00',
      '/a%zz',
    ]) {
      const { status } = await call(gateway, path, { 'x-api-key': caller.secret });
      expect([400, 403], path).toContain(status);
    }
    const raw = async (line: string): Promise<number | null> =>
      statusOf(
        await exchange(
          gateway,
          `${line}\r\nHost: a\r\nX-API-KEY: ${caller.secret}\r\nConnection: close\r\n\r\n`,
        ),
      );
    for (const line of [
      'BREW /crm HTTP/1.1',
      'get /crm HTTP/1.1',
      'GET crm HTTP/1.1',
      'GET /a\\b HTTP/1.1',
    ]) {
      expect([400, 403, 405, 501, null], line).toContain(await raw(line));
    }
    expect(service.seen.length).toBe(before);
  });

  test('passes signed requests on', async () => {
    const key = await createKey(
      keywright.url,
      { bearer },
      { kind: 'SIGNED', signatureProfiles: ['TIMESTAMP', 'RFC9421'], permissions: ['view_customer'] },
    );
    const signer = { id: key.id, secret: key.secret };
    const stamped = signByTimestamp(signer, '/crm/a?b=c');
    expect((await call(gateway, stamped.path, stamped.headers)).status).toBe(200);
    expect(identitySeen()).toMatchObject({ 'x-key-id': [key.id] });
    const host = 'api.example.test';
    const message = signMessage(signer, '/crm/a?b=c', { authority: host });
    const headers = { ...message.headers, host };
    expect((await call(gateway, message.path, headers)).status).toBe(200);
    expect(await call(gateway, message.path, headers)).toMatchObject({
      status: 401,
      json: { code: 'REPLAYED' },
    });
    const other = signMessage(signer, '/crm/a?b=c', { authority: host });
    const moved = await call(gateway, '/crm/a?b=d', { ...other.headers, host });
    expect(moved).toMatchObject({ status: 401, json: { code: 'SIGNATURE_INVALID' } });
  });
});

test.each([
  ['nginx', startNginx],
  ['Caddy', startCaddy],
  ['HAProxy', startHaproxy],
])(
  '%s lets nobody through while Keywright is down',
  async (_, start) => {
    const away = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' } });
    const gateway = await start({ keywright: away.url, service: service.address });
    try {
      await away.process.stop('SIGKILL');
      const before = service.seen.length;
      const answer = await call(gateway, '/crm', { 'x-api-key': caller.secret });
      expect([502, 503]).toContain(answer.status);
      expect(answer.json).toMatchObject({ code: 'UNAVAILABLE' });
      expect(service.seen.length).toBe(before);
    } finally {
      await gateway.stop();
      await away.stop();
    }
  },
  INSTALL_TIMEOUT_MS,
);
