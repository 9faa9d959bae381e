import { createClient, type Verifier } from '@keywright/schema/client';
import { requireKey as requireKeyInExpress } from '@keywright/schema/express';
import { requireKey as requireKeyInFastify } from '@keywright/schema/fastify';
import { createLocalVerifier } from '@keywright/schema/local';
import express from 'express';
import fastify from 'fastify';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, type CreatedKey } from '../support/peers/client.js';
import { signByExpiry, signByTimestamp } from '../support/peers/signers.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;
let gateway: CreatedKey;
const closing: (() => unknown)[] = [];

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);

beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
  gateway = await create({ permissions: ['keywright.verify'] });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The same API in each framework: requires a permission per method and one scope, and charges the `cost` in the query. */
const options = () => ({
  environment: 'PRODUCTION' as const,
  permission: ({ method }: { method?: string }) => (method === 'POST' ? ['ticket.create'] : 'ticket.read'),
  scope: keywright.id,
  cost: ({ url }: { url?: string }) => Number(/cost=(\d+)/.exec(url!)?.[1] ?? 1),
});

const frameworks: Record<string, (verifier: Verifier, errors: unknown[]) => Promise<string>> = {
  async express(verifier, errors) {
    const app = express();
    const guard = requireKeyInExpress(verifier, { ...options(), onError: (error) => errors.push(error) });
    app.use('/tickets', guard, (request, response) => {
      response.json({ name: request.keywright!.name, keyId: request.keywright!.keyId });
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    closing.push(() => new Promise((resolve) => void server.close(resolve).closeAllConnections()));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  async fastify(verifier, errors) {
    const app = fastify({ forceCloseConnections: true });
    const guard = requireKeyInFastify(verifier, { ...options(), onError: (error) => errors.push(error) });
    app.all('/tickets', { onRequest: guard }, (request) => ({
      name: request.keywright!.name,
      keyId: request.keywright!.keyId,
    }));
    closing.push(() => app.close());
    return app.listen({ host: '127.0.0.1', port: 0 });
  },
};

const verifiers: Record<string, (url: string, key: string) => Verifier & { close(): Promise<void> }> = {
  'the client': (url, key) => createClient({ url, key, retries: 0 }),
  'a local verifier': (url, key) => createLocalVerifier({ url, key, retries: 0 }),
};

const cases = Object.keys(frameworks).flatMap((framework) =>
  Object.keys(verifiers).map((verifier) => ({ framework, verifier })),
);

describe.each(cases)('requireKey in $framework with $verifier', ({ framework, verifier: kind }) => {
  async function start({ url = keywright.url } = {}) {
    const verifier = verifiers[kind]!(url, gateway.secret);
    closing.push(() => verifier.close());
    const errors: unknown[] = [];
    const base = await frameworks[framework]!(verifier, errors);
    const call = (headers: Record<string, string> = {}, path = '/tickets', method = 'GET') =>
      fetch(base + path, { method, headers });
    return { call, errors };
  }

  /** The response of the sample API, which the server itself protects, to the same request. */
  const sample = (key: string) => sandbox(keywright.url, 'production/tickets', key);

  test('accepts a valid key, and reports which key and the state of its limits', async () => {
    const { call } = await start();
    const rateLimits = [{ name: 'minute', limit: 10, windowSeconds: 60 }];
    const key = await create({ permissions: ['ticket.read'], rateLimits });
    const response = await call({ 'x-api-key': key.secret }, '/tickets?cost=3');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ name: key.name, keyId: key.id });
    expect(response.headers.get('ratelimit-policy')).toBe('"minute";q=10;w=60');
    expect(response.headers.get('ratelimit')).toMatch(/^"minute";r=7;t=\d+$/);
    const unlimited = await create();
    const plain = await call({ 'x-api-key': unlimited.secret });
    expect(plain.headers.get('ratelimit')).toBeNull();
  });

  test('rejects like the server itself', async () => {
    const { call } = await start();
    const used = await create({ rateLimits: [{ name: 'day', limit: 1, windowSeconds: 86_400 }] });
    await call({ 'x-api-key': used.secret });
    const keys = {
      KEY_MALFORMED: 'garbage',
      KEY_DISABLED: (await create({ enabled: false })).secret,
      WRONG_ENVIRONMENT: (await create({ environment: 'STAGING' })).secret,
      IP_NOT_ALLOWED: (await create({ allowedCidrs: ['203.0.113.0/24'] })).secret,
      PERMISSION_DENIED: (await create({ permissions: [] })).secret,
      RATE_LIMITED: used.secret,
    };
    for (const [code, secret] of Object.entries(keys)) {
      for (let i = 0; i < 2; i++) {
        const [response, expected] = await Promise.all([call({ 'x-api-key': secret }), sample(secret)]);
        const [body, wanted] = [await response.json(), await expected.json()] as Record<string, unknown>[];
        expect(body).toMatchObject({ code, requestId: expect.stringMatching(/^req_/) as string });
        expect({ ...body, requestId: '', retryAfter: 0 }).toEqual({
          ...wanted,
          requestId: '',
          retryAfter: 0,
        });
        expect(response.status).toBe(expected.status);
        for (const name of ['content-type', 'www-authenticate', 'cache-control', 'ratelimit-policy']) {
          expect(response.headers.get(name), `${code} ${name}`).toBe(expected.headers.get(name));
        }
        expect(response.headers.has('retry-after')).toBe(code === 'RATE_LIMITED');
      }
    }
  });

  test('requires what the request needs, and a single credential', async () => {
    const { call } = await start();
    const reader = await create({ permissions: ['ticket.read'] });
    expect((await call({ 'x-api-key': reader.secret })).status).toBe(200);
    expect((await call({ 'x-api-key': reader.secret }, '/tickets', 'POST')).status).toBe(403);
    expect((await call()).status).toBe(401);
    const other = await create();
    const ambiguous: Record<string, string>[] = [
      { 'x-api-key': reader.secret, authorization: `Bearer ${other.secret}` },
      { 'x-api-key': `${reader.secret}, ${other.secret}` },
    ];
    for (const headers of ambiguous) {
      const response = await call(headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 'AMBIGUOUS_CREDENTIAL' });
    }
    const signed = await create({
      kind: 'SIGNED',
      signatureProfiles: ['TIMESTAMP', 'EXPIRY'],
      permissions: ['ticket.read'],
    });
    for (const sign of [signByTimestamp, signByExpiry]) {
      const { path, headers } = sign(signed, '/tickets');
      expect((await call(headers, path)).status).toBe(200);
      expect((await call(headers, path.replace('Signature=', 'Signature=A'), 'POST')).status).not.toBe(200);
    }
    const inUrl = await call({ 'x-api-key': reader.secret }, `/tickets?key=${other.secret}`);
    expect(await inUrl.json()).toMatchObject({ code: 'AMBIGUOUS_CREDENTIAL' });
    expect((await call({ 'x-api-key': reader.secret }, `/tickets?${'a'.repeat(10_000)}`)).status).toBe(414);
  });

  test('answers 503 without a verdict, and lets nothing through', async () => {
    const { call, errors } = await start({ url: 'http://127.0.0.1:1' });
    const key = await create();
    const response = await call({ 'x-api-key': key.secret });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'UNAVAILABLE', status: 503, retryAfter: 1 });
    expect(text + JSON.stringify(errors)).not.toContain(key.secret);
    expect(errors).toHaveLength(1);
    expect((await call({ 'x-api-key': key.secret }, '/tickets?cost=0')).status).toBe(503);
  });
});
