import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AnswerHead, type HotExchange, type HotRoute } from '../modules/verification/hot-request.js';
import { whenKnown } from '../core/eventual.js';
import { createHttpServer, type HttpServer } from './server.js';
import { refuseUpgrade } from './upgrades.js';

/** Echoes the request. */
const hot: HotRoute = {
  owns: (_, url) => url.startsWith('/v1/authorize'),
  take: (exchange: HotExchange) =>
    void whenKnown(
      exchange.readBody(1000),
      (body) => exchange.reply(new AnswerHead(200, {}), 'req_1', `${exchange.head.method} ${String(body)}`),
      null,
    ),
};

let http: HttpServer;
let port: number;

beforeEach(async () => {
  http = createHttpServer({
    log: pino({ level: 'silent' }),
    secure: false,
    basePath: '',
    trustedProxies: [],
    readiness: () => ({ ready: true, reason: null }),
    hot: () => [hot],
  });
  http.app.get('/page', (_, reply) => reply.send('page'));
  http.app.post('/page', (incoming, reply) => reply.send(incoming.body));
  http.app.addSocket('/socket', (_, socket) => refuseUpgrade(socket, new AnswerHead(426, {})));
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  port = (http.app.server.address() as AddressInfo).port;
});
afterEach(() => http.stop());

const H2C = {
  connection: 'Upgrade, HTTP2-Settings',
  upgrade: 'h2c',
  'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA',
};
const WEBSOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};

async function ask(
  path: string,
  headers: IncomingHttpHeaders,
  { method = 'GET', body = '' } = {},
): Promise<{ status: number | undefined; text: string }> {
  const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return { status: incoming.statusCode, text };
}

it.each([
  ['h2c', H2C],
  ['a WebSocket', WEBSOCKET],
  ['something else', { connection: 'upgrade', upgrade: 'TLS/1.0, foo' }],
])('ignores an offer of %s without a handler', async (_, offer) => {
  expect(await ask('/page', offer)).toEqual({ status: 200, text: 'page' });
  expect(await ask('/livez', offer)).toMatchObject({ status: 200 });
  expect(await ask('/none', offer)).toMatchObject({ status: 404 });
  const json = { ...offer, 'content-type': 'application/json' };
  expect(await ask('/page', json, { method: 'POST', body: '{"a":1}' })).toEqual({
    status: 200,
    text: '{"a":1}',
  });
  expect(await ask('/v1/authorize', offer)).toEqual({ status: 200, text: 'GET ' });
  // A header that the fast path leaves to Node.
  expect(await ask('/v1/authorize', { ...offer, te: 'trailers' })).toEqual({ status: 200, text: 'GET ' });
  const chunked = { ...offer, 'transfer-encoding': 'chunked' };
  expect(await ask('/v1/authorize', chunked, { method: 'POST', body: '{}' })).toEqual({
    status: 200,
    text: 'POST {}',
  });
});

it('closes the connection after an ignored offer, so that clients resend later requests', async () => {
  const socket = connect({ host: '127.0.0.1', port });
  const offer = `GET /page HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
  socket.setEncoding('latin1').write(`${offer}GET /livez HTTP/1.1\r\nHost: x\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nconnection: close\r\n[^]*page$/i);
});

it('passes only WebSocket upgrades by GET to handlers', async () => {
  expect((await ask('/socket', WEBSOCKET)).status).toBe(426);
  expect((await ask('/socket?a=b', { ...WEBSOCKET, upgrade: 'h2c, WebSocket' })).status).toBe(426);
  expect((await ask('/socket', H2C)).status).toBe(404);
  expect((await ask('/socket', { ...WEBSOCKET, upgrade: 'xwebsocket' })).status).toBe(404);
  expect((await ask('/socket', { ...WEBSOCKET, connection: 'keep-alive' })).status).toBe(404);
  expect((await ask('/socket', WEBSOCKET, { method: 'POST' })).status).toBe(404);
});
