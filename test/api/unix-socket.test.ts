import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { call, type Answer } from '../support/peers/gateway-client.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';

let directory: string;
let keywright: Keywright;
let bearer: string;
let caller: CreatedKey;
let restricted: CreatedKey;

const at = (name: string): string => join(directory, name);
const socketPath = (): string => at('keywright.sock');

/** A question about a request by the key, as a gateway asks it. */
const ask = (to: string, key: CreatedKey, headers: Record<string, string> = {}): Promise<Answer> =>
  call({ socketPath: to }, '/v1/authorize/permission=view_customer/production', {
    'x-api-key': key.secret,
    'x-original-method': 'GET',
    'x-original-uri': '/crm',
    ...headers,
  });

const CLIENT = '203.0.113.9';
const forwarded = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

beforeAll(async () => {
  directory = await temporaryDirectory();
  keywright = await startKeywright({
    env: { KEYWRIGHT_SOCKET: socketPath(), KEYWRIGHT_TRUSTED_PROXIES: 'unix,10.0.0.0/8' },
  });
  bearer = await signIn(keywright.url);
  caller = await createKey(keywright.url, { bearer }, { permissions: ['view_customer'] });
  restricted = await createKey(
    keywright.url,
    { bearer },
    { permissions: ['*'], allowedCidrs: [`${CLIENT}/32`] },
  );
});
afterAll(async () => {
  await keywright?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Starts another server next to the first one, on the same database, with its own data directory. */
function startBeside(name: string, env: Record<string, string>): ServerProcess {
  return spawnServer({
    ...keywright.settings,
    KEYWRIGHT_ROLE: 'verify',
    KEYWRIGHT_DATA_DIR: at(`data-${name}`),
    ...env,
  });
}

/** What a server says that cannot start. */
async function refusal(server: ServerProcess): Promise<string> {
  expect((await server.ended).code).toBe(1);
  return server.stderr();
}

describe('on the Unix socket', () => {
  test('management, health and verification answer, and still do on the port', async () => {
    const query = { method: 'POST', body: JSON.stringify({ query: '{ viewer { permissions } }' }) };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
    const managed = await call({ socketPath: socketPath() }, '/graphql', headers, query);
    expect(managed.json).toEqual({ data: { viewer: { permissions: ['*'] } } });
    expect((await call({ socketPath: socketPath() }, '/readyz')).status).toBe(200);
    const asking = { 'content-type': 'application/json', 'x-api-key': restricted.secret };
    const asked = { method: 'POST', body: JSON.stringify({ key: caller.secret }) };
    const gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
    const withKey = { ...asking, 'x-api-key': gateway.secret };
    const verified = await call({ socketPath: socketPath() }, '/v1/verify', withKey, asked);
    expect(verified.json).toMatchObject({ valid: true, keyId: caller.id });
    expect((await fetch(`${keywright.url}/readyz`)).status).toBe(200);
  });

  test('requests on one connection are answered in order, by the fast path and the full parser', async () => {
    const socket = connect(socketPath());
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => (received += text));
    const question = (lines: string): string =>
      `GET /v1/authorize/permission=view_customer/production HTTP/1.1\r\nHost: x\r\nX-API-KEY: ${caller.secret}\r\nX-Original-Method: GET\r\nX-Original-URI: /crm\r\nX-Forwarded-For: ${CLIENT}\r\n${lines}\r\n`;
    // An offer of another protocol is ignored, as on the port.
    const offer = 'Connection: Upgrade\r\nUpgrade: h2c\r\nTE: trailers\r\n';
    socket.write(question('') + question('') + question(offer));
    await once(socket, 'close');
    expect(received.match(/^HTTP\/1\.1 204 /gm)).toHaveLength(3);
  });

  test('only the account and the group of the process can connect', () => {
    expect((statSync(socketPath()).mode & 0o777).toString(8)).toBe('660');
  });

  test('/metrics needs a key', async () => {
    expect((await call({ socketPath: socketPath() }, '/metrics')).status).toBe(401);
  });
});

describe('the address of a client behind the socket', () => {
  test('is what a trusted peer forwards, and unknown without that', async () => {
    expect((await ask(socketPath(), caller, forwarded(CLIENT))).status).toBe(204);
    expect((await ask(socketPath(), restricted, forwarded(CLIENT))).status).toBe(204);
    expect((await ask(socketPath(), restricted, forwarded(`198.51.100.1, ${CLIENT}, 10.0.0.2`))).status).toBe(
      204,
    );
    for (const claimed of ['198.51.100.1', `${CLIENT}, 198.51.100.1`, '10.0.0.2', '127.0.0.1']) {
      const answer = await ask(socketPath(), restricted, forwarded(claimed));
      expect(answer, claimed).toMatchObject({ status: 403, json: { code: 'IP_NOT_ALLOWED' } });
    }
    for (const claimed of [{}, forwarded('nonsense'), forwarded('unix'), forwarded('')]) {
      const answer = await ask(socketPath(), restricted, claimed);
      expect(answer, JSON.stringify(claimed)).toMatchObject({
        status: 403,
        json: { code: 'REQUEST_UNCLEAR' },
      });
    }
  });

  test('restricts a key that calls Keywright itself', async () => {
    const question = { method: 'POST', body: JSON.stringify({ key: caller.secret }) };
    const asking = { 'content-type': 'application/json', 'x-api-key': restricted.secret };
    const verify = (headers: Record<string, string>): Promise<Answer> =>
      call({ socketPath: socketPath() }, '/v1/verify', { ...asking, ...headers }, question);
    expect((await verify(forwarded(CLIENT))).status).toBe(200);
    for (const headers of [{}, forwarded('nonsense'), forwarded('198.51.100.1')]) {
      expect((await verify(headers)).json, JSON.stringify(headers)).toMatchObject({ code: 'IP_NOT_ALLOWED' });
    }
    const managed = { method: 'POST', body: JSON.stringify({ query: '{ viewer { permissions } }' }) };
    const graphql = await call({ socketPath: socketPath() }, '/graphql', asking, managed);
    expect(graphql.json).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  test('does not count if the peers on the socket are not trusted, not even with every address trusted', async () => {
    const socket = at('untrusted.sock');
    const server = startBeside('untrusted', {
      KEYWRIGHT_SOCKET: socket,
      KEYWRIGHT_TRUSTED_PROXIES: '0.0.0.0/1,128.0.0.0/1,::/1,8000::/1',
    });
    try {
      await server.ready();
      const answer = await ask(socket, caller, forwarded(CLIENT));
      expect(answer).toMatchObject({ status: 403, json: { code: 'GATEWAY_NOT_TRUSTED' } });
      expect(answer.body).toContain('unix is not among KEYWRIGHT_TRUSTED_PROXIES');
      const headers = { 'content-type': 'application/json', 'x-api-key': restricted.secret };
      const question = { method: 'POST', body: JSON.stringify({ key: caller.secret }) };
      const verified = await call(
        { socketPath: socket },
        '/v1/verify',
        { ...headers, ...forwarded(CLIENT) },
        question,
      );
      expect(verified.json).toMatchObject({ code: 'IP_NOT_ALLOWED' });
    } finally {
      await server.stop();
    }
  });

  test('is not that of a peer on the port', async () => {
    const answer = await call({ port: Number(new URL(keywright.url).port) }, '/v1/authorize/production', {
      'x-api-key': caller.secret,
      'x-original-method': 'GET',
      'x-original-uri': '/crm',
      ...forwarded(CLIENT),
    });
    expect(answer).toMatchObject({ status: 403, json: { code: 'GATEWAY_NOT_TRUSTED' } });
    expect(answer.body).toContain('Requests from 127.0.0.1');
  });
});

describe('the file', () => {
  test('of a killed process is replaced, and removed on stopping', async () => {
    const socket = at('stale.sock');
    const killed = startBeside('killed', { KEYWRIGHT_SOCKET: socket });
    await killed.ready();
    await killed.stop('SIGKILL');
    expect(existsSync(socket)).toBe(true);
    const server = startBeside('killed', { KEYWRIGHT_SOCKET: socket, KEYWRIGHT_TRUSTED_PROXIES: 'unix' });
    await server.ready();
    expect((await ask(socket, caller, forwarded(CLIENT))).status).toBe(204);
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(existsSync(socket)).toBe(false);
  });

  test('of a running process is left untouched', async () => {
    const said = await refusal(startBeside('second', { KEYWRIGHT_SOCKET: socketPath() }));
    expect(said).toContain(`Another process listens on ${socketPath()}.`);
    expect((await ask(socketPath(), caller, forwarded(CLIENT))).status).toBe(204);
  });

  test('of another program is left untouched', async () => {
    const socket = at('other.sock');
    const other = createServer().listen(socket);
    await once(other, 'listening');
    expect(await refusal(startBeside('other', { KEYWRIGHT_SOCKET: socket }))).toContain('Another process');
    expect(existsSync(socket)).toBe(true);
    other.close();
  });

  test('that is not a socket is left untouched', async () => {
    const file = at('notes.txt');
    await writeFile(file, 'mine');
    const said = await refusal(startBeside('notes', { KEYWRIGHT_SOCKET: file }));
    expect(said).toContain(`${file} exists and is not a socket.`);
    expect(statSync(file).size).toBe(4);
  });

  test('cannot be created without its directory, or where nobody can write', async () => {
    const missing = at('missing/keywright.sock');
    expect(await refusal(startBeside('missing', { KEYWRIGHT_SOCKET: missing }))).toContain(
      `The socket ${missing} cannot be created: its directory does not exist.`,
    );
    const forbidden = '/sys/keywright.sock';
    expect(await refusal(startBeside('forbidden', { KEYWRIGHT_SOCKET: forbidden }))).toContain(
      `The socket ${forbidden} cannot be created: this user may not write to its directory.`,
    );
  });

  test('can have a path of 107 bytes', async () => {
    const folder = at('long');
    await mkdir(folder);
    const socket = join(folder, 'x'.repeat(107 - Buffer.byteLength(folder) - 1));
    const server = startBeside('long', { KEYWRIGHT_SOCKET: socket, KEYWRIGHT_TRUSTED_PROXIES: 'unix' });
    await server.ready();
    expect((await ask(socket, caller, forwarded(CLIENT))).status).toBe(204);
    await server.stop();
    expect(existsSync(socket)).toBe(false);
  });

  test('cannot have a longer one', async () => {
    const said = await refusal(startBeside('longer', { KEYWRIGHT_SOCKET: `/${'x'.repeat(107)}` }));
    expect(said).toContain('KEYWRIGHT_SOCKET must be an absolute path of at most 107 bytes.');
  });
});
