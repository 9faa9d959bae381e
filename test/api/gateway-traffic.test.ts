import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startEchoService, type EchoService, type SeenRequest } from '../support/peers/echo-service.js';
import { eventually } from '../support/eventually.js';
import { call, exchange, statusOf } from '../support/peers/gateway-client.js';
import { startCaddy, startHaproxy, startIngressNginx, startNginx } from '../support/servers/gateways.js';
import type { Peer } from '../support/servers/peer.js';
import { createRule } from '../support/seed/route-rules.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { ROOT } from '../support/seed/tenancy.js';

let keywright: Keywright;
let service: EchoService;
let bearer: string;
let customer: CreatedKey;
let invoice: CreatedKey;

beforeAll(async () => {
  service = await startEchoService();
  keywright = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' } });
  bearer = await signIn(keywright.url);
  customer = await createKey(keywright.url, { bearer }, { permissions: ['view_customer'] });
  invoice = await createKey(keywright.url, { bearer }, { permissions: ['license.manage'] });
  const rule = (method: string, pathPattern: string, access: string, permission: string | null = null) =>
    createRule(keywright.url, { bearer }, { method, pathPattern, access, permission });
  await rule('OPTIONS', '/**', 'ANYBODY');
  await rule('GET', '/healthz', 'ANYBODY');
  await rule('ANY', '/secret/**', 'PERMISSION', 'license.manage');
  await rule('ANY', '/crm/**', 'PERMISSION', 'view_customer');
  await rule('GET', '/socket', 'PERMISSION', 'view_customer');
});
afterAll(async () => {
  await keywright.stop();
  await service.stop();
});

/** The last request received by the service. */
const lastSeen = (): SeenRequest => service.seen.at(-1)!;

const upgrade = (path: string, protocol: string, headers: Record<string, string>): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: api.example.test',
    'Connection: Upgrade',
    `Upgrade: ${protocol}`,
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

describe.each([
  ['nginx', startNginx],
  ['Caddy', startCaddy],
  ['HAProxy', startHaproxy],
  ['ingress-nginx', startIngressNginx],
])('%s with route rules, configured as in the documentation,', (name, start) => {
  let gateway: Peer;
  beforeAll(async () => {
    gateway = await start({ keywright: keywright.url, service: service.address });
    // Rules reach a process a moment after their creation.
    await eventually(async () => expect((await call(gateway, '/healthz')).status).toBe(200));
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => gateway.stop());

  const asCustomer = () => ({ 'x-api-key': customer.secret });

  test('never lets a client decide what its request requires', async () => {
    const before = service.seen.length;
    for (const query of [
      'permission=view_customer',
      'per%6dission=view_customer',
      'permission=view_customer&permission=license.manage',
      'cost=1',
      'scope=x&permission=view_customer',
      'x=1;permission=view_customer',
    ]) {
      const { status } = await call(gateway, `/secret/x?${query}`, asCustomer());
      expect(status, query).toBe(403);
    }
    for (const path of [
      '/permission=view_customer/production/secret/x',
      '/production/crm/x',
      '/gateway=envoy/production/crm/x',
    ]) {
      const { status } = await call(gateway, path, asCustomer());
      expect(status, path).toBe(403);
    }
    expect(service.seen.length).toBe(before);
    expect((await call(gateway, '/secret/x', { 'x-api-key': invoice.secret })).status).toBe(200);
  });

  test.each(['page=2', 'permission=mine&scope=all&cost=9', 'q=a%20b+c&x[]=1;y', 'permission', '?', '='])(
    'passes ordinary queries on unchanged: %s',
    async (query) => {
      const { status, body } = await call(gateway, `/crm/customers?${query}`, asCustomer());
      expect(status, body).toBe(200);
      expect(lastSeen().url).toBe(`/crm/customers?${query}`);
    },
  );

  test('passes 28 KB of headers on, split or in one', async () => {
    const many = Object.fromEntries(Array.from({ length: 28 }, (_, i) => [`x-trace-${i}`, 'a'.repeat(1000)]));
    const answer = await call(gateway, '/crm/a', { ...asCustomer(), ...many });
    expect(answer.status, answer.body).toBe(200);
    expect(lastSeen().headers['x-trace-27']).toEqual(['a'.repeat(1000)]);
    const one = { cookie: 'a'.repeat(28 * 1024) };
    expect((await call(gateway, '/crm/a', { ...asCustomer(), ...one })).status).toBe(200);
    expect((await call(gateway, '/crm/a', { ...many, ...one })).status).toBe(401);
  });

  test('passes WebSockets on, checked as the GET that they are, and no other protocol', async () => {
    const opened = await exchange(gateway, upgrade('/socket?a=b', 'websocket', asCustomer()), 'echo');
    expect(statusOf(opened), opened).toBe(101);
    expect(opened).toMatch(/echo$/);
    expect(lastSeen()).toMatchObject({ url: '/socket?a=b', headers: { 'x-key-id': [customer.id] } });
    const before = service.seen.length;
    expect(statusOf(await exchange(gateway, upgrade('/socket', 'websocket', {})))).toBe(401);
    const denied = { 'x-api-key': invoice.secret };
    expect(statusOf(await exchange(gateway, upgrade('/socket', 'websocket', denied)))).toBe(403);
    expect(service.seen.length).toBe(before);
    if (name === 'ingress-nginx') return; // Which protocols it passes on is not the recipe's to say.
    for (const protocol of ['h2c', 'websocket2', 'h2c, websocket']) {
      const sent = upgrade('/socket', protocol, { ...asCustomer(), 'HTTP2-Settings': 'AAMAAABkAAQAAP__' });
      expect(statusOf(await exchange(gateway, sent)), protocol).toBe(200);
      expect(lastSeen().headers, protocol).not.toHaveProperty('upgrade');
    }
  });

  test('lets anybody through if a rule says so, without naming a caller', async () => {
    const preflight = { origin: 'https://app.example.test', 'access-control-request-method': 'PUT' };
    expect((await call(gateway, '/secret/x', preflight, { method: 'OPTIONS' })).status).toBe(200);
    expect(lastSeen()).toMatchObject({ method: 'OPTIONS', headers: { origin: [preflight.origin] } });
    for (const headers of [{}, asCustomer(), { 'x-api-key': 'nonsense' }]) {
      expect((await call(gateway, '/healthz', headers)).status).toBe(200);
      const seen = Object.entries(lastSeen().headers).filter(([each]) => /^x-(key|api|service)/.test(each));
      expect(seen.filter(([, values]) => values.some((value) => value !== ''))).toEqual([]);
    }
    expect((await call(gateway, '/healthz', { 'x-key-id': customer.id })).status).toBe(403);
    expect((await call(gateway, '/secret/x', preflight, { method: 'PUT' })).status).toBe(401);
  });

  test("ignores the service's own tokens in Authorization, and rejects two conflicting keys", async () => {
    for (const authorization of ['Bearer eyJhbGciOi.J9.x', 'Basic dXNlcjpwYXNz', 'Token a_live_b']) {
      const answer = await call(gateway, '/crm/a', { ...asCustomer(), authorization });
      expect(answer.status, answer.body).toBe(200);
      expect(lastSeen().headers).toMatchObject({
        authorization: [authorization],
        'x-key-id': [customer.id],
      });
      expect((await call(gateway, '/crm/a', { authorization })).status).toBe(401);
    }
    const before = service.seen.length;
    for (const authorization of [invoice.secret, `Bearer ${invoice.secret}`, `bearer  ${customer.secret}`]) {
      const answer = await call(gateway, '/crm/a', { ...asCustomer(), authorization });
      expect(answer.status, authorization).toBe(401);
    }
    expect(service.seen.length).toBe(before);
  });

  test('passes no header on by which a service could take the request for another one', async () => {
    for (const header of [
      'X-HTTP-Method-Override',
      'X_HTTP_Method_Override',
      'X.HTTP.Method.Override',
      'X-Original-URL',
      'X_Original_URL',
      'X_Rewrite_URL',
      'X-Envoy-Original-Path',
      'X_Forwarded_Uri',
      'X-Forwarded-Uri',
      'X-Forwarded-Method',
      'X-Original-URI',
      'X-Original-Method',
      'X-Envoy-Original-URL',
      'X_Rewrite_Path',
      'X-Override-URI',
      'X-HTTP-Path-Override',
    ]) {
      const before = service.seen.length;
      const { status } = await call(gateway, '/crm/a', { ...asCustomer(), [header]: '/secret/x' });
      if (status === 200) expect(JSON.stringify(lastSeen()), header).not.toContain('/secret/x');
      else expect([400, 403], header).toContain(status);
      expect(service.seen.length).toBe(before + (status === 200 ? 1 : 0));
    }
  });

  test("lets no client remove the caller's identity or set where the request came in", async () => {
    const sent = { 'x-forwarded-host': 'other.example.test', connection: 'close, X-Key-Id, x-key-scopes' };
    const before = service.seen.length;
    const { status } = await call(gateway, '/crm/a', { ...asCustomer(), ...sent });
    if (status !== 200) return expect([status, service.seen.length]).toEqual([400, before]);
    expect(lastSeen().headers).toMatchObject({ 'x-key-id': [customer.id], 'x-key-scopes': [ROOT] });
    if (name === 'ingress-nginx') return; // It names the host itself, in a part that is not the recipe's.
    expect(JSON.stringify(lastSeen().headers)).not.toContain('other.example.test');
  });
});

describe('a Caddyfile in which Caddy keeps the query', () => {
  let gateway: Peer;
  beforeAll(async () => {
    const edit = (recipe: string): string => recipe.replaceAll('/production?', '/production');
    gateway = await startCaddy({ keywright: keywright.url, service: service.address, edit });
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => gateway.stop());

  test('lets no client decide what its request requires, and warns the operator', async () => {
    const headers = { 'x-api-key': customer.secret };
    for (const query of ['permission=view_customer', 'per%6dission=view_customer', 'x=1&cost=1']) {
      const answer = await call(gateway, `/secret/x?${query}`, headers);
      expect(answer, query).toMatchObject({ status: 403, json: { code: 'GATEWAY_NOT_TRUSTED' } });
    }
    expect((await call(gateway, '/secret/x?page=2', headers)).json).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect((await call(gateway, '/crm/x?page=2', headers)).status).toBe(200);
    await eventually(() => {
      const log = keywright.process.stdout();
      expect(log).toContain("appends the client's query");
      expect(log).toContain('Set it in the path instead');
    });
  });
});
