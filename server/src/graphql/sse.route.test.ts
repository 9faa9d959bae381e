import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { buildSchema } from 'graphql';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../core/clock.js';
import { Emitter } from '../core/events.js';
import { AppError } from '../core/errors.js';
import { CallerReader } from '../http/caller.js';
import { SessionCookie } from '../http/session-cookie.js';
import { heldAtRoot } from '../modules/access/decide/access.fixture.js';
import type { Principal } from '../modules/access/decide/principal.js';
import { answerGraphQLErrors } from './graphql.route.js';
import { DocumentLimits } from './limits.js';
import { LiveCallers } from './live-callers.js';
import { createLiveSlots } from './live-slots.js';
import { addStreamRoute } from './sse.route.js';
import { Subscriptions } from './subscription.js';

const TOKEN = 'A'.repeat(43);
const PRINCIPAL: Principal = {
  actor: { kind: 'USER', id: 'usr_a', name: 'Ada' },
  access: heldAtRoot(),
  ip: null,
  sessionId: 'ses_a',
};
const HEARTBEATS_MS = 60_000;

let app: FastifyInstance;
let running: number;
let sockets: Socket[];
let session: Promise<Principal>;

/** A source without events; counts the subscriptions that wait for it. */
function endless(): AsyncIterableIterator<never> {
  running += 1;
  let end: (done: IteratorResult<never>) => void = () => undefined;
  const ended = new Promise<IteratorResult<never>>((resolve) => (end = resolve));
  return {
    next: () => ended,
    return: async () => {
      running -= 1;
      end({ value: undefined, done: true });
      return ended;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const schema = buildSchema('type Query { a: Int } type Subscription { changed: Int refused: Int }');
const starts = schema.getSubscriptionType()!.getFields();
starts['changed']!.subscribe = endless;
starts['refused']!.subscribe = () => {
  throw new AppError('FORBIDDEN', 'Not for you.');
};

const cookie = new SessionCookie(false);
const nobody = async (): Promise<Principal | null> => null;
const callers = new CallerReader(
  { authenticate: async () => session, refresh: nobody, generation: 0 },
  {
    authenticate: async () => ({ principal: PRINCIPAL }),
    safe: () => Promise.resolve(),
    refresh: () => null,
  },
  cookie,
  () => 'http://127.0.0.1',
);

beforeEach(async () => {
  // Only heartbeats run on the fake clock.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  running = 0;
  sockets = [];
  session = Promise.resolve(PRINCIPAL);
  app = Fastify();
  const log = pino({ level: 'silent' });
  const publicUrl = (): string => 'http://127.0.0.1';
  const devices = { idFor: () => null, remember: () => '' };
  const changes = new Emitter<void>();
  const [clock, trustedProxies] = [systemClock, []];
  const deps = { schema, callers, cookie, devices, changes, clock, log, publicUrl, trustedProxies };
  answerGraphQLErrors(app, deps);
  const subscriptions = new Subscriptions(schema, new DocumentLimits(schema));
  addStreamRoute(app, deps, subscriptions, new LiveCallers(changes), createLiveSlots());
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
  vi.useRealTimers();
});

interface Peer {
  readonly socket: Socket;
  readonly heard: () => string;
}

async function open(): Promise<Peer> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(socket, 'connect');
  return { socket, heard: () => text };
}

function asking(field: string): string {
  const body = JSON.stringify({ query: `subscription { ${field} }` });
  return `POST /graphql/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Runs several heartbeats with time for their effects in between. */
async function beat(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    vi.advanceTimersByTime(HEARTBEATS_MS / 5);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it('sends an error as an event and keeps the connection usable', async () => {
  const peer = await open();
  peer.socket.write(asking('refused'));
  await vi.waitFor(() => expect(peer.heard()).toContain('event: complete'));
  expect(peer.heard()).toMatch(/^HTTP\/1.1 200 [^]*text\/event-stream[^]*event: next\ndata: .*FORBIDDEN/);
  await beat();
  peer.socket.write(asking('changed'));
  await vi.waitFor(() => expect(running).toBe(1));
});

it.each(['refused', 'changed', 'nothing'])('survives "%s" pipelined after a stream', async (field) => {
  const peer = await open();
  peer.socket.write(asking('changed') + asking(field) + asking(field));
  await vi.waitFor(() => expect(running).toBe(1));
  await beat();
  expect(peer.heard().split('HTTP/1.1')).toHaveLength(2);
  expect(running).toBe(1);
  expect(vi.getTimerCount()).toBe(1);
  peer.socket.destroy();
  await vi.waitFor(() => expect(running).toBe(0));
  await beat();
  expect(vi.getTimerCount()).toBe(0);
});

it('keeps no state of clients that leave while their session is read', async () => {
  let read: (principal: Principal) => void = () => undefined;
  session = new Promise((resolve) => (read = resolve));
  let left = 0;
  app.server.on('connection', (socket) => socket.once('close', () => (left += 1)));
  for (let i = 0; i < 25; i++) {
    const { socket } = await open();
    socket.write(asking('changed'));
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(() => expect(left).toBe(25));
  read(PRINCIPAL);
  await beat();
  expect(running).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  const peer = await open();
  peer.socket.write(asking('changed'));
  await vi.waitFor(() => expect(peer.heard()).toMatch(/^HTTP\/1.1 200 /));
});
