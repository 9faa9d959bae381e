import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LOCAL_PROTOCOL } from '@keywright/schema/local-protocol';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually, within } from '../support/eventually.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

/** Work in flight can take ten seconds; there is none here. */
const SOON_MS = 8_000;
const SUBSCRIPTION = JSON.stringify({ query: 'subscription { apiKeyChanged { action } }' });

let keywright: Keywright;
let bearer: string;
let gateway: CreatedKey;
const sockets: Socket[] = [];

beforeEach(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  gateway = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await keywright.stop();
});

/** Sends text over a separate connection, keeps listening and returns all data received. */
async function send(text: string): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(Number(new URL(keywright.url).port), '127.0.0.1');
  sockets.push(socket);
  let heard = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (heard += chunk));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(text, resolve));
  return { socket, heard: () => heard };
}

const head = (line: string, ...headers: string[]): string =>
  [line, 'Host: x', 'Content-Type: application/json', ...headers].join('\r\n');
const verifyHead = (...headers: string[]): string =>
  head('POST /v1/verify HTTP/1.1', `X-API-KEY: ${gateway.secret}`, ...headers);

async function stops(): Promise<void> {
  process.kill(keywright.process.pid, 'SIGTERM');
  expect(await within(SOON_MS, keywright.process.ended)).toEqual({ code: 0, signal: null });
}

test.each<[string, () => string[]]>([
  ['headers to the fast path', () => [verifyHead()]],
  ['a body to the fast path', () => [`${verifyHead('Content-Length: 20')}\r\n\r\n{"key"`]],
  ['a body in chunks', () => [`${verifyHead('Transfer-Encoding: chunked')}\r\n\r\n5\r\n{"key`]],
  ['headers', () => [head('POST /graphql HTTP/1.1')]],
  ['a body', () => [`${head('POST /graphql HTTP/1.1', 'Content-Length: 99')}\r\n\r\n{"query"`]],
  ['an upgrade', () => [head('GET /graphql HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket')]],
  ['several', () => Array.from({ length: 20 }, () => `${verifyHead('Content-Length: 20')}\r\n\r\n{`)],
])('a process stops despite a half-sent request: %s', async (_, texts) => {
  for (const text of texts()) await send(text);
  await stops();
});

test('a process stops although a client sends its request byte by byte', async () => {
  const { socket } = await send(`${verifyHead('Content-Length: 100000')}\r\n\r\n{"key":"`);
  const drip = setInterval(() => socket.destroyed || socket.write('a'), 50);
  try {
    await stops();
  } finally {
    clearInterval(drip);
  }
});

test('streams end immediately, and WebSockets are told to reconnect', async () => {
  const stream = await send(
    `${head('POST /graphql/stream HTTP/1.1', `Authorization: Bearer ${bearer}`, `Content-Length: ${SUBSCRIPTION.length}`)}\r\n\r\n${SUBSCRIPTION}`,
  );
  await eventually(() => expect(stream.heard()).toContain('text/event-stream'));
  const url = keywright.url.replace('http', 'ws');
  const opened = [
    new WebSocket(`${url}/graphql`, 'graphql-transport-ws', {
      headers: { origin: keywright.url, authorization: `Bearer ${bearer}` },
    }),
    new WebSocket(`${url}/v1/local`, LOCAL_PROTOCOL, { headers: { 'x-api-key': gateway.secret } }),
  ];
  const closed = opened.map((socket) => once(socket, 'close').then(([code]) => code as number));
  await Promise.all(opened.map((socket) => once(socket, 'open')));
  opened[0]!.send(JSON.stringify({ type: 'connection_init' }));
  await once(opened[0]!, 'message');
  const ended = once(stream.socket, 'close');
  await stops();
  expect(await Promise.all(closed)).toEqual([1001, 1001]);
  await ended;
});
