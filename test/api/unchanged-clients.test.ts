import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createSigner, httpbis } from 'http-message-signatures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { debianProgram, INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { startEchoService, type EchoService } from '../support/peers/echo-service.js';
import { startNginx } from '../support/servers/gateways.js';
import type { Peer } from '../support/servers/peer.js';
import { NONCES_KNOWN_AFTER_MS } from '../support/peers/signers.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const run = promisify(execFile);
const CLIENTS = join(import.meta.dirname, '../support/peers/clients');

let keywright: Keywright;
let service: EchoService;
let nginx: Peer;
let bearer: string;
let key: CreatedKey;
let programs: Record<'python3' | 'sh', string>;

beforeAll(async () => {
  programs = { python3: await debianProgram('python3'), sh: await debianProgram('sh', 'dash') };
  await debianProgram('openssl');
  await debianProgram('curl');
  service = await startEchoService();
  keywright = await startKeywright({ env: { KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32' } });
  bearer = await signIn(keywright.url);
  key = await createKey(
    keywright.url,
    { bearer },
    {
      kind: 'SIGNED',
      signatureProfiles: ['TIMESTAMP', 'EXPIRY', 'RFC9421'],
      permissions: ['account.read', 'ticket.create'],
    },
  );
  nginx = await startNginx({
    keywright: keywright.url,
    service: service.address,
    named: 'permission=account.read',
  });
  await sleep(NONCES_KNOWN_AFTER_MS);
}, INSTALL_TIMEOUT_MS);
afterAll(async () => {
  await nginx?.stop();
  await keywright?.stop();
  await service?.stop();
});

/** Runs the client in the given file; it prints the status and body. */
async function runClient(
  program: 'python3' | 'sh',
  file: string,
  url: string,
  ...rest: string[]
): Promise<{ status: number; text: string }> {
  const { stdout } = await run(programs[program], [join(CLIENTS, file), url, key.id, ...rest], {
    timeout: 20_000,
  });
  return { status: Number(/^(\d{3})$/m.exec(stdout)?.[1]), text: stdout };
}

const places = (): readonly (readonly [string, string])[] => [
  ['the sandbox', `${keywright.url}/sandbox/production/accounts`],
  ['nginx', `http://127.0.0.1:${nginx.port}/accounts`],
];

describe('a published signing client works unmodified', () => {
  test.each<[string, 'python3' | 'sh', string, string[]]>([
    ['as Frame has it, in Python', 'python3', 'frame.py', []],
    ['as Cyware has it, in Python', 'python3', 'cyware.py', ['encoded']],
    ['as Cyware has it, with a plus sign as it is', 'python3', 'cyware.py', ['plus']],
    ['with openssl and curl in a shell', 'sh', 'frame.sh', []],
  ])('%s', async (_, program, file, options) => {
    for (const [place, url] of places()) {
      const accepted = await runClient(program, file, url, key.secret, ...options);
      expect(accepted.status, `${place}: ${accepted.text}`).toBe(200);
      const refused = await runClient(program, file, url, `${key.secret}x`, ...options);
      expect(refused.status, `${place}: ${refused.text}`).toBe(401);
      expect(refused.text).toContain('SIGNATURE_INVALID');
    }
  });
});

const digestOf = (body: string): string => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/** The headers of a request signed by a third-party RFC 9421 client. */
async function messageHeaders(url: string, method: string, body?: string): Promise<Record<string, string>> {
  const headers = {
    host: new URL(url).host,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-digest': digestOf(body) }),
  };
  const signed = await httpbis.signMessage(
    {
      key: createSigner(key.secret, 'hmac-sha256', key.id),
      fields: ['@method', '@authority', '@path', '@query', ...(body === undefined ? [] : ['content-digest'])],
      params: ['created', 'nonce', 'keyid', 'alg'],
      paramValues: { created: new Date(), nonce: randomUUID() },
    },
    { method, url, headers },
  );
  return signed.headers as Record<string, string>;
}

test('messages signed by another implementation of RFC 9421 are accepted once, at the sandbox and through nginx', async () => {
  for (const [place, url] of places()) {
    const headers = await messageHeaders(`${url}?page=2`, 'GET');
    const first = await fetch(`${url}?page=2`, { headers });
    expect(first.status, `${place}: ${await first.text()}`).toBe(200);
    const again = await fetch(`${url}?page=2`, { headers });
    expect(await again.json(), place).toMatchObject({ code: 'REPLAYED' });
    const moved = await fetch(`${url}?page=3`, { headers: await messageHeaders(`${url}?page=2`, 'GET') });
    expect(await moved.json(), place).toMatchObject({ code: 'SIGNATURE_INVALID' });
  }
});

describe('a body', () => {
  const body = '{"subject":"It is slow"}';

  test('is compared with the signed digest where it is available', async () => {
    const url = `${keywright.url}/sandbox/production/tickets`;
    const send = async (sent: string, headers: Record<string, string>): Promise<Response> =>
      fetch(url, { method: 'POST', headers, body: sent });
    const taken = await send(body, await messageHeaders(url, 'POST', body));
    expect(taken.status, await taken.text()).toBe(201);
    const other = await send('{"subject":"It is mine"}', await messageHeaders(url, 'POST', body));
    expect(other.status).toBe(401);
    expect(await other.json()).toMatchObject({ code: 'SIGNATURE_INVALID' });
    const { 'content-digest': _, ...without } = await messageHeaders(url, 'POST', body);
    expect((await send(body, without)).status).toBe(401);
  });

  test('is confirmed only by the service that compared it, and the answer says so', async () => {
    const gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
    const url = 'https://api.example.test/tickets';
    const ask = async (over: Record<string, unknown>, signs = body): Promise<Record<string, unknown>> => {
      const headers = await messageHeaders(url, 'POST', signs);
      const request = { method: 'POST', url, headers, ...over };
      return (await verify(keywright.url, gateway.secret, { request })).body;
    };
    expect(await ask({})).toMatchObject({
      code: 'VALID',
      signature: { profile: 'RFC9421', body: 'UNCHECKED' },
    });
    expect(await ask({ contentDigest: digestOf(body) })).toMatchObject({ signature: { body: 'CHECKED' } });
    expect(await ask({ contentDigest: digestOf('x') })).toMatchObject({ code: 'SIGNATURE_INVALID' });
    const { status } = await verify(keywright.url, gateway.secret, {
      request: { contentDigest: 'md5=:AA==:' },
    });
    expect(status).toBe(400);
    const passed = await fetch(`http://127.0.0.1:${nginx.port}/tickets`, {
      method: 'POST',
      headers: await messageHeaders(`http://127.0.0.1:${nginx.port}/tickets`, 'POST', body),
      body,
    });
    expect(passed.status).toBe(200);
    expect(service.seen.at(-1)!.headers).toMatchObject({ 'x-key-signature': ['RFC9421 body=unchecked'] });
  });
});
