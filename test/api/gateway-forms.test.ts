import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { call, type Answer } from '../support/peers/gateway-client.js';
import { envoyForm, traefikForm, type QuestionForm } from '../support/peers/question-forms.js';
import { createRule } from '../support/seed/route-rules.js';
import { signMessage } from '../support/peers/signers.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const HOST = 'api.example.test';
let keywright: Keywright;
let bearer: string;
let customer: CreatedKey;

beforeAll(async () => {
  keywright = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' } });
  bearer = await signIn(keywright.url);
  customer = await createKey(keywright.url, { bearer }, { permissions: ['view_customer'] });
  const rule = (method: string, pathPattern: string, access: string, permission: string | null = null) =>
    createRule(keywright.url, { bearer }, { method, pathPattern, access, permission });
  await rule('OPTIONS', '/**', 'ANYBODY');
  await rule('ANY', '/secret/**', 'PERMISSION', 'license.manage');
  await rule('ANY', '/crm/**', 'PERMISSION', 'view_customer');
});
afterAll(() => keywright.stop());

describe.each([
  { gateway: 'Traefik', formOf: traefikForm, yes: 204 },
  // Envoy accepts only 200 as allowed.
  { gateway: 'Envoy', formOf: envoyForm, yes: 200 },
])('$gateway, asking as configured in the documentation,', ({ formOf, yes, gateway }) => {
  let form: QuestionForm;
  const ask = (
    target: string,
    headers: Record<string, string> = {},
    { method = 'GET', key = customer.secret as string | null } = {},
  ): Promise<Answer> => {
    const sent = { host: HOST, ...(key === null ? {} : { 'x-api-key': key }), ...headers };
    const question = form({ method, target, headers: sent });
    const { port } = new URL(keywright.url);
    return call({ port: Number(port) }, question.path, question.headers, { method: question.method });
  };
  beforeAll(async () => {
    form = await formOf();
    await eventually(async () => expect((await ask('/crm/a')).status).toBe(yes));
  });

  test('gets the caller, or the reason for a rejection', async () => {
    const accepted = await ask('/crm/a');
    expect(accepted).toMatchObject({ status: yes, body: '', headers: { 'x-key-id': customer.id } });
    expect(await ask('/crm/a', {}, { key: null })).toMatchObject({
      status: 401,
      json: { code: 'KEY_MISSING' },
    });
    expect(await ask('/secret/a')).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });
  });

  test.each(['page=2', 'permission=mine&scope=all&cost=9', 'q=a%20b+c;y', '?', '='])(
    'accepts ordinary queries: %s',
    async (query) => expect((await ask(`/crm/customers?${query}`)).status).toBe(yes),
  );

  test('never lets a client decide what its request requires', async () => {
    for (const target of [
      '/secret/x?permission=view_customer',
      '/secret/x?per%6dission=view_customer',
      '/permission=view_customer/production/secret/x',
      '/production/crm/x',
      '/gateway=envoy/production/crm/x',
      '/../permission=view_customer/production/crm/x',
    ]) {
      expect((await ask(target)).status, target).toBe(403);
    }
    const forgeries: Record<string, string>[] = [
      { 'x-original-uri': '/crm/a' },
      { 'x-original-method': 'OPTIONS' },
      { 'x-forwarded-uri': '/crm/a' },
      { 'x-forwarded-method': 'OPTIONS' },
    ];
    for (const headers of forgeries) {
      expect((await ask('/secret/x', headers)).status, JSON.stringify(headers)).toBe(403);
    }
  });

  test('accepts 28 KB of headers, WebSockets and preflights', async () => {
    const many = Object.fromEntries(Array.from({ length: 28 }, (_, i) => [`x-trace-${i}`, 'a'.repeat(1000)]));
    expect((await ask('/crm/a', many)).status).toBe(yes);
    const webSocket = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    expect((await ask('/crm/socket', webSocket)).status).toBe(yes);
    const preflight = { origin: 'https://app.example.test', 'access-control-request-method': 'PUT' };
    expect((await ask('/secret/x', preflight, { method: 'OPTIONS', key: null })).status).toBe(yes);
    expect((await ask('/secret/x', preflight, { method: 'PUT', key: null })).status).toBe(401);
  });

  test("ignores the service's own tokens in Authorization, and rejects two keys", async () => {
    for (const authorization of ['Bearer eyJhbGciOi.J9.x', 'Basic dXNlcjpwYXNz', 'Token a_live_b']) {
      expect((await ask('/crm/a', { authorization })).status, authorization).toBe(yes);
      expect((await ask('/crm/a', { authorization }, { key: null })).status, authorization).toBe(401);
    }
    const other = await createKey(keywright.url, { bearer }, { permissions: ['*'] });
    const basic = Buffer.from(`${other.secret}:`).toString('base64');
    for (const authorization of [other.secret, `Bearer ${other.secret}`, `Basic ${basic}`]) {
      expect(await ask('/crm/a', { authorization }), authorization).toMatchObject({
        status: 401,
        json: { code: 'AMBIGUOUS_CREDENTIAL' },
      });
    }
    const signed = await createKey(
      keywright.url,
      { bearer },
      { kind: 'SIGNED', signatureProfiles: ['RFC9421'], permissions: ['view_customer'] },
    );
    const both = async (headers: Record<string, string>): Promise<number> => {
      const message = signMessage({ id: signed.id, secret: signed.secret }, '/crm/a?b=c', {
        authority: HOST,
      });
      const lowered = Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value]);
      return (await ask(message.path, { ...Object.fromEntries(lowered), ...headers }, { key: null })).status;
    };
    await eventually(async () => expect(await both({ authorization: 'Bearer x' })).toBe(yes));
    expect(await both({ authorization: `Bearer ${other.secret}` })).toBe(401);
    expect(await both({ 'x-api-key': other.secret })).toBe(401);
  });

  test('rejects headers by which a service could take the request for another one', async () => {
    for (const name of [
      'x-http-method-override',
      'x_http_method_override',
      'x.http.method.override',
      'x_original_url',
      'x_rewrite_url',
      'x-envoy-original-path',
      'x_forwarded_uri',
      'x-key-id',
      'x_key_id',
      'x_service-account-id',
    ]) {
      expect((await ask('/crm/a', { [name]: 'x' })).status, name).toBe(403);
    }
  });

  test('lets no client authenticate as a gateway or set its own address', async () => {
    const bound = await createKey(
      keywright.url,
      { bearer },
      { permissions: ['view_customer'], allowedCidrs: ['198.51.100.0/24'] },
    );
    expect((await ask('/crm/a', { 'x-gateway-key': 'x' })).status).toBe(yes);
    const named = await ask('/crm/a', { 'x-forwarded-for': '198.51.100.1' }, { key: bound.secret });
    expect(named, gateway).toMatchObject({ status: 403, json: { code: 'IP_NOT_ALLOWED' } });
  });
});
