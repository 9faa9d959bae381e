import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, KeywrightError, type KeywrightClient } from '@keywright/schema/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;
let gateway: CreatedKey;
let client: KeywrightClient;
const servers: Server[] = [];

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);

beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
  gateway = await create({ permissions: ['keywright.verify'] });
  client = createClient({ url: keywright.url, key: gateway.secret });
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => client.close());

/** A fake server that answers each request with the next of these; the last one repeats. */
async function answering(...answers: { status: number; body?: unknown; headers?: Record<string, string> }[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    const { status, body, headers } = answers[Math.min(asked++, answers.length - 1)]!;
    if (status === 0) request.socket.destroy();
    else
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

const errorOf = (promise: Promise<unknown>): Promise<KeywrightError> =>
  promise.then(
    () => expect.fail('It was answered.'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(KeywrightError);
      return error as KeywrightError;
    },
  );

const GOOD = {
  valid: false,
  code: 'KEY_NOT_FOUND',
  status: 401,
  requestId: 'r',
  message: 'No.',
  retryAfter: null,
};
const REPLAYED = { ...GOOD, code: 'REPLAYED' };

test('the client distinguishes accepted and rejected keys, individually and in a batch', async () => {
  const key = await create({ permissions: ['view_customer'] });
  const accepted = await client.verify({ key: key.secret, permission: 'view_customer', requestId: 'mine' });
  expect(accepted).toMatchObject({ valid: true, keyId: key.id, requestId: 'mine' });
  if (accepted.valid) expect(accepted.permissions).toEqual(['view_customer']);
  const refused = await client.verify({ key: key.secret, permission: ['view_invoice', 'view_service'] });
  expect(refused).toMatchObject({ valid: false, status: 403, code: 'PERMISSION_DENIED' });
  const batch = await client.verifyBatch([
    { key: key.secret },
    {},
    { request: { headers: { 'x-api-key': 'x' } } },
  ]);
  expect(batch.map(({ code }) => code)).toEqual(['VALID', 'KEY_MISSING', 'KEY_MALFORMED']);
});

test('errors of the client or its question have a code and contain no key', async () => {
  const key = await create();
  const weak = createClient({ url: keywright.url, key: key.secret.replace(/.{6}$/, '000000') });
  const narrow = await create({ permissions: ['view_customer'] });
  const forbidden = createClient({ url: keywright.url, key: narrow.secret });
  const errors = [
    await errorOf(weak.verify({ key: key.secret })),
    await errorOf(forbidden.verify({ key: key.secret })),
    await errorOf(client.verify({ key: key.secret, scope: '', [key.secret]: 1 } as never)),
  ];
  expect(errors.map(({ code }) => code)).toEqual(['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_REQUEST']);
  expect(errors[2]!.faults.map(({ path }) => path)).toContain('scope');
  for (const error of errors) {
    const { message, stack, faults } = error;
    const reported = `${message}${stack}${JSON.stringify(faults)}${String(error.cause)}`;
    expect(reported).not.toContain(key.secret.slice(8));
    expect(reported).not.toContain(narrow.secret.slice(8));
  }
  await weak.close();
  await forbidden.close();
});

test('invalid options are rejected immediately, without exposing the key', () => {
  for (const options of [
    { url: 'ftp://x', key: 'k' },
    { url: 'nowhere', key: 'k' },
    { url: 'http://user:secret@x', key: 'k' },
    { url: 'http://x', key: 'k\r\nx: y' },
    { url: 'http://x', key: '' },
    { url: 'http://x', key: 'k', retries: -1 },
    { url: 'http://x', key: 'k', timeoutMilliseconds: 0 },
  ]) {
    expect(() => createClient(options)).toThrow(KeywrightError);
  }
});

test('lost connections, 502, 503 and 504 are retried, and nothing else is', async () => {
  const back = await answering({ status: 0 }, { status: 503 }, { status: 502 }, { status: 200, body: GOOD });
  const patient = createClient({ url: back.url, key: 'k', retries: 3 });
  expect(await patient.verify({})).toMatchObject({ code: 'KEY_NOT_FOUND' });
  expect(back.asked()).toBe(4);
  await patient.close();
  for (const [status, code] of [
    [400, 'BAD_REQUEST'],
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [429, 'TOO_MANY_REQUESTS'],
    [500, 'UNAVAILABLE'],
    [301, 'BAD_ANSWER'],
  ] as const) {
    const peer = await answering({ status, headers: { location: back.url } });
    const caller = createClient({ url: peer.url, key: 'k', retries: 3 });
    expect(await errorOf(caller.verify({}))).toMatchObject({ code });
    expect(peer.asked(), String(status)).toBe(1);
    await caller.close();
  }
  const gone = createClient({ url: 'http://127.0.0.1:1', key: 'k', retries: 1 });
  expect(await errorOf(gone.verify({}))).toMatchObject({ code: 'UNAVAILABLE' });
  await gone.close();
});

test('Retry-After is honored, and if there is no time for it the error comes immediately', async () => {
  const peer = await answering({ status: 503, headers: { 'retry-after': '1' } }, { status: 200, body: GOOD });
  const patient = createClient({ url: peer.url, key: 'k' });
  const startedAt = performance.now();
  expect(await patient.verify({})).toMatchObject({ code: 'KEY_NOT_FOUND' });
  expect(performance.now() - startedAt).toBeGreaterThan(990);
  const hasty = createClient({
    url: (await answering({ status: 503, headers: { 'retry-after': '60' } })).url,
    key: 'k',
  });
  expect(await errorOf(hasty.verify({}))).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 60 });
  await patient.close();
  await hasty.close();
});

test('a nonce used up by a lost answer gives no verdict about the request', async () => {
  const lost = await answering({ status: 0 }, { status: 200, body: REPLAYED });
  const client = createClient({ url: lost.url, key: 'k' });
  expect(await errorOf(client.verify({}))).toMatchObject({ code: 'UNAVAILABLE' });
  await client.close();
  const direct = createClient({ url: (await answering({ status: 200, body: REPLAYED })).url, key: 'k' });
  expect(await direct.verify({})).toMatchObject({ code: 'REPLAYED' });
  await direct.close();
});

test('an invalid answer never counts as acceptance', async () => {
  for (const body of [
    'yes',
    '',
    [],
    { valid: true },
    { ...GOOD, valid: true },
    { ...GOOD, valid: 1, code: 'VALID', status: 200 },
    { valid: true, code: 'VALID', status: 200, requestId: 'r' },
    { ...GOOD, code: 'FINE' },
    { ...GOOD, code: 'toString' },
    { ...GOOD, code: 'UNAVAILABLE', status: 503 },
  ]) {
    const client = createClient({ url: (await answering({ status: 200, body })).url, key: 'k' });
    expect(await errorOf(client.verify({})), JSON.stringify(body)).toMatchObject({ code: 'BAD_ANSWER' });
    await client.close();
  }
});

test('a call ends on timeout, on abort, and when the client closes', async () => {
  const silent = createServer(() => undefined);
  servers.push(silent);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const hasty = createClient({ url, key: 'k', timeoutMilliseconds: 50 });
  expect(await errorOf(hasty.verify({}))).toMatchObject({ code: 'TIMEOUT' });
  await hasty.close();
  const patient = createClient({ url, key: 'k' });
  const abort = new AbortController();
  const aborted = errorOf(patient.verify({}, { signal: abort.signal }));
  abort.abort();
  expect(await aborted).toMatchObject({ code: 'ABORTED' });
  expect(await errorOf(patient.verify({}, { signal: abort.signal }))).toMatchObject({ code: 'ABORTED' });
  const left = errorOf(patient.verify({}));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await patient.close();
  expect(await left).toMatchObject({ code: 'CLOSED' });
});
