import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AnswerHead,
  type HotExchange,
  type HotRoute,
  type Peer,
} from '../../modules/verification/hot-request.js';
import { attempt } from '../../core/eventual.js';
import { peerReader } from '../peer.js';
import { Client } from './client.fixture.js';
import { FastPathConnection } from './fast-path-connection.js';
import { FastPath } from './fast-path.js';
import { NodeExchange } from './node-exchange.js';

const ANSWER = new AnswerHead(200, { 'content-type': 'application/json' });
const peer = peerReader(['127.0.0.0/8']);

/** A request as the server understood it, sent back in the answer. */
interface Echo {
  readonly fastPath: boolean;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly peer: Peer;
  readonly body: string;
}

let stopping = false;
let held: (() => void)[] | null = null;
const servers: Server[] = [];

async function echo(exchange: HotExchange): Promise<void> {
  const body = await attempt(
    () => exchange.readBody(1_000_000),
    (fault) => Buffer.from((fault as Error).message),
    null,
  );
  const { proof: _, ...head } = exchange.head;
  const fastPath = exchange instanceof FastPathConnection;
  const text = JSON.stringify({ ...head, fastPath, body: body.toString('utf8') });
  const reply = (): void => exchange.reply(ANSWER, 'req_1', text);
  if (held) held.push(reply);
  else setImmediate(reply);
}

/** Handles POST to /v1/verify, and any method to /v1/authorize. */
const route: HotRoute = {
  owns: (method, url) =>
    url.startsWith('/v1/authorize') || (method === 'POST' && /^\/v1\/verify(?:\/batch)?$/.test(url)),
  take: (exchange) => void echo(exchange),
};

async function serve(
  withFastPath: boolean,
  keepAliveMs = 5000,
): Promise<{ port: number; fastPath: FastPath | undefined; server: Server }> {
  const server = createServer({ keepAliveTimeout: keepAliveMs });
  const fastPath = withFastPath
    ? new FastPath(server, { routes: [route], peer, basePath: '', keepAliveMs, stopping: () => stopping })
    : undefined;
  server.on('request', (request, response) => {
    if (!route.owns(request.method!, request.url!)) return void response.end('{}');
    const from = peer(request.socket, request.headers['x-forwarded-for']);
    void echo(new NodeExchange(request, response, from, () => stopping));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, fastPath, server };
}

const request = (body: string, headers = 'X-API-KEY: one', line = 'POST /v1/verify HTTP/1.1'): string =>
  `${line}\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\nContent-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;

const echoOf = ({ body }: { body: string }): Echo => JSON.parse(body) as Echo;

beforeEach(() => {
  stopping = false;
  held = null;
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('a simple request', () => {
  it('is answered on the socket, as is the next one on the same connection', async () => {
    const client = new Client((await serve(true)).port);
    await client.send(
      request('{"a":1}'),
      request('{"b":2}', 'X-API-KEY: two\r\nX-Forwarded-For: 203.0.113.9'),
    );
    const [first, second] = (await client.until(2)).map(echoOf);
    expect(first).toEqual({
      fastPath: true,
      method: 'POST',
      url: '/v1/verify',
      peer: { ip: '127.0.0.1', direct: '127.0.0.1', local: true, trusted: true, named: false },
      rawHeaders: expect.arrayContaining(['X-API-KEY', 'one']),
      body: '{"a":1}',
      headers: { credentials: { 'x-api-key': ['one'] }, contentType: 'application/json', userAgent: null },
    });
    expect(second).toMatchObject({
      fastPath: true,
      peer: { ip: '203.0.113.9' },
      body: '{"b":2}',
      headers: { credentials: { 'x-api-key': ['two'] } },
    });
    expect(client.answers[0]!.head).toMatch(
      /^HTTP\/1\.1 200 OK\r\ncontent-type: application\/json\r\nx-request-id: req_1\r\ncontent-length: \d+\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\nconnection: keep-alive\r\nkeep-alive: timeout=5$/,
    );
    client.destroy();
  });

  it('can arrive in chunks, and pipelined requests are answered in order', async () => {
    const { port } = await serve(true);
    const slow = new Client(port);
    const text = request('{"text":"abcdefgh"}');
    await slow.send(text.slice(0, -9), text.slice(-9, -3), text.slice(-3));
    expect(echoOf((await slow.until(1))[0]!)).toMatchObject({ fastPath: true, body: '{"text":"abcdefgh"}' });
    const many = new Client(port);
    await many.send(Array.from({ length: 300 }, (_, i) => request(`{"n":${i}}`)).join(''));
    const bodies = (await many.until(300)).map((answer) => echoOf(answer).body);
    expect(bodies).toEqual(Array.from({ length: 300 }, (_, i) => `{"n":${i}}`));
    slow.destroy();
    many.destroy();
  });

  it('is not read before earlier requests are answered', async () => {
    const client = new Client((await serve(true)).port);
    const count = 6_000;
    await client.send(request('{}').repeat(count));
    for (let i = 0; i < 60 && client.answers.length < count; i++) await sleep(250);
    expect(client.answers).toHaveLength(count);
    client.destroy();
  }, 20_000);

  it.each([
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    'Upgrade: websocket\r\nConnection: keep-alive,upgrade',
  ])('is still simple if it offers another protocol: %s', async (offer) => {
    for (const withFastPath of [true, false]) {
      const client = new Client((await serve(withFastPath)).port);
      for (const body of ['{}', '{"a":1}']) {
        await client.send(request(body, offer));
        await client.until(body === '{}' ? 1 : 2);
      }
      await client.send(`GET /v1/authorize HTTP/1.1\r\nHost: x\r\n${offer}\r\n\r\n`);
      const echoes = (await client.until(3)).map(echoOf);
      expect(echoes.map(({ fastPath }) => fastPath)).toEqual([withFastPath, withFastPath, withFastPath]);
      expect(echoes.map(({ body }) => body)).toEqual(['{}', '{"a":1}', '']);
      client.destroy();
    }
  });

  it('counts bytes, not characters', async () => {
    const client = new Client((await serve(true)).port);
    const body = Buffer.from('{"name":"Zoë 鍵"}', 'utf8').toString('latin1');
    await client.send(request(body), request(body));
    for (const answer of await client.until(2)) {
      expect(echoOf(answer)).toMatchObject({ fastPath: true, body: '{"name":"Zoë 鍵"}' });
    }
    client.destroy();
  });

  it('is answered after the client ends its side, but not after it has gone', async () => {
    const { port } = await serve(true);
    const client = new Client(port);
    await client.send(request('{}') + request('{}') + request('{}', 'Connection: close'));
    client.end();
    await client.closed;
    expect(client.answers.length).toBeGreaterThanOrEqual(2);
    held = [];
    const gone = new Client(port);
    await gone.send(request('{}'));
    while (held.length === 0) await sleep(2);
    gone.destroy();
    await gone.closed;
    await sleep(10);
    expect(() => held!.forEach((reply) => reply())).not.toThrow();
  });
});

describe('an answer', () => {
  it.each([true, false])('to HEAD has no body (fastPath: %s)', async (withFastPath) => {
    const client = new Client((await serve(withFastPath)).port);
    await client.send('HEAD /v1/authorize HTTP/1.1\r\nHost: x\r\n\r\n');
    for (let i = 0; i < 400 && !client.text.endsWith('\r\n\r\n'); i++) await sleep(5);
    expect(client.text).toMatch(/\r\ncontent-length: [1-9]\d*\r\n/i);
    expect(client.text).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\n$/);
    client.destroy();
  });
});

describe('any other request', () => {
  it.each([
    ['another path', 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['another method', request('{}', 'A: b', 'PUT /v1/verify HTTP/1.1')],
    ['a query', request('{}', 'A: b', 'POST /v1/verify?x=1 HTTP/1.1')],
    [
      'a body in chunks',
      'POST /v1/verify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ],
    ['an expectation', request('{}', 'Expect: 100-continue')],
    ['a last request', request('{}', 'Connection: close')],
    ['a header that is not ASCII', request('{}', 'X-Name: Zo\xeb')],
    ['HTTP/1.0', request('{}', 'A: b', 'POST /v1/verify HTTP/1.0')],
    ['a large body', request(`"${'x'.repeat(70_000)}"`)],
    ['a head in chunks', 'POST /v1/ver', 'ify HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'],
  ])('is left to Node, with everything after it on the connection: %s', async (_, ...pieces) => {
    const client = new Client((await serve(true)).port);
    await client.send(request('"first"'));
    await client.until(1);
    await client.send(...pieces);
    for (let i = 0; i < 400 && client.answers.filter(({ status }) => status === 200).length < 2; i++)
      await sleep(5);
    const answered = client.answers.filter(({ status }) => status === 200);
    expect(answered).toHaveLength(2);
    expect(answered[1]!.body === '{}' || !echoOf(answered[1]!).fastPath).toBe(true);
    client.destroy();
  });

  it.each([
    ['no length', 'POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n{}'],
    ['two lengths', request('{}', 'Content-Length: 3')],
    ['a length with a sign', 'POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}'],
    ['no host', 'POST /v1/verify HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}'],
    ['a space before the colon', request('{}', 'X-Name : a')],
    ['a folded header', request('{}', 'X-Name: a\r\n b')],
    ['a bare line feed', request('{}', 'X-Name: a\nX-API-KEY: b')],
    ['a NUL', request('{}', 'X-Name: a\0b')],
  ])('is never read differently from Node: %s', async (_, text) => {
    const [fastPath, plain] = await Promise.all(
      [serve(true), serve(false)].map(async (server) => {
        const client = new Client((await server).port);
        await client.send(text);
        client.end();
        await client.closed;
        return client.answers;
      }),
    );
    expect(fastPath!.map(({ status }) => status)).toEqual(plain!.map(({ status }) => status));
  });

  it('is understood as Node understands it after random edits', async () => {
    const { port: fastPathPort } = await serve(true);
    const { port: plainPort } = await serve(false);
    const header = fc.constantFrom(
      'X-API-KEY: one',
      'x-api-key:two',
      'Authorization: Bearer kw_live_x',
      'Connection: keep-alive',
      'Connection: close',
      'Connection: Upgrade, HTTP2-Settings',
      'Connection: upgrade,close',
      'Upgrade: h2c',
      'Upgrade: websocket',
      'HTTP2-Settings: AAMAAABk',
      'X-Forwarded-For: 203.0.113.9:51234',
      'User-Agent: \t a b ',
      'X-Forwarded-For: 203.0.113.9',
      'Transfer-Encoding: chunked',
      'Content-Length: 2',
      'Content-Length: 4',
      'Content-Type: text/plain',
      'Host: y',
    );
    const plain = fc
      .tuple(fc.array(header, { maxLength: 4 }), fc.constantFrom('{}', '"é"', '[1,2]'))
      .map(([headers, body]) => request(body, ['A: b', ...headers].join('\r\n')));
    const bodiless = fc
      .tuple(
        fc.array(header, { maxLength: 3 }),
        fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'),
        fc.constantFrom('/v1/authorize', '/v1/authorize/production?permission=a', '/v1/authorize/x/%2e/y'),
      )
      .map(([headers, method, url]) =>
        [`${method} ${url} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n'),
      );
    const edit = fc.tuple(
      fc.nat(400),
      fc.nat(3),
      fc.constantFrom('', '\r', '\n', '\r\n', ' ', ':', '\0', '\x80', 'a', '0', '%', ';', '\t'),
    );
    const edited = fc
      .tuple(fc.oneof(plain, bodiless), fc.array(edit, { maxLength: 2 }))
      .map(([text, edits]) =>
        edits.reduce(
          (now, [at, cut, put]) => now.slice(0, at % now.length) + put + now.slice((at % now.length) + cut),
          text,
        ),
      );
    const talk = async (port: number, text: string): Promise<Echo[]> => {
      const client = new Client(port);
      await client.send(text);
      for (let before = -1; before !== client.text.length; await sleep(10)) before = client.text.length;
      client.destroy();
      return client.answers
        .filter(({ status, body }) => status === 200 && body.startsWith('{"'))
        .map((answer) => echoOf(answer));
    };
    const withoutFastPath = ({ fastPath: _, ...rest }: Echo): Omit<Echo, 'fastPath'> => rest;
    let own = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edited, { minLength: 1, maxLength: 3 }), async (texts) => {
        const text = texts.join('');
        const [fastPath, plain] = await Promise.all([talk(fastPathPort, text), talk(plainPort, text)]);
        const given = fastPath.filter((each) => each.fastPath);
        own += given.length;
        // Node drops pending answers when a broken request follows.
        const both = Math.min(given.length, plain.length);
        expect(given.slice(0, both).map(withoutFastPath)).toEqual(plain.slice(0, both).map(withoutFastPath));
      }),
    );
    expect(own).toBeGreaterThan(20);
  });
});

describe('a stopping server', () => {
  it('closes connections with their answer, and idle ones immediately', async () => {
    const { port, fastPath, server } = await serve(true);
    held = [];
    const accepted = once(server, 'connection');
    const idle = new Client(port);
    await accepted;
    const busy = new Client(port);
    await busy.send(request('{}'));
    while (held.length === 0) await sleep(2);
    const [text, taken] = [request('{}'), once(server, 'connection')];
    const half = new Client(port);
    await half.send(text.slice(0, -1));
    const [socket] = (await taken) as [Socket];
    while (socket.bytesRead < text.length - 1) await sleep(2);
    stopping = true;
    fastPath!.closeIdle();
    await idle.closed;
    await half.send('}');
    while (held.length < 2) await sleep(2);
    held.forEach((reply) => reply());
    for (const client of [busy, half]) {
      await client.closed;
      expect(client.answers[0]!.head).toMatch(/\r\nconnection: close$/);
    }
  });

  it('closes a connection that is silent for too long', async () => {
    const client = new Client((await serve(true, 30)).port);
    await client.send(request('{}'));
    await client.until(1);
    await client.closed;
  });
});
