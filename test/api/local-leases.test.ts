import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createKey, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { within } from '../support/eventually.js';
import { ANYTHING, LocalSocket, NO_FACTS } from '../support/peers/local-socket.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

let keywright: Keywright;
let bearer: string;
let caller: CreatedKey;
const opened: LocalSocket[] = [];
const ASKED = { question: ANYTHING, environment: 'PRODUCTION', facts: NO_FACTS } as const;

const create = (overrides: Record<string, unknown> = {}): Promise<CreatedKey> =>
  createKey(keywright.url, { bearer }, overrides);
const open = async (): Promise<LocalSocket> => {
  const socket = await LocalSocket.open(keywright.url, caller.secret);
  opened.push(socket);
  return socket;
};

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  caller = await create({ permissions: ['keywright.verify'] });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) {
    socket.socket.terminate();
    await socket.closed;
  }
});
afterAll(() => keywright.stop());

test('leased units never exceed the limit, no matter who leases them, even alongside POST /v1/verify', async () => {
  const limit = 200;
  const key = await create({ rateLimits: [{ name: 'minute', limit, windowSeconds: 60 }] });
  const sockets = await Promise.all(Array.from({ length: 4 }, () => open()));
  await Promise.all(sockets.map((socket) => socket.prove(key.secret)));
  let admitted = 0;
  const leases = sockets.map(async (socket, i) => {
    for (;;) {
      const { units, refusedBy, retryAfterSeconds, lease } = await socket.lease(key.id, 20 * (i + 1));
      admitted += units;
      if (units > 0) continue;
      expect({ refusedBy, lease }).toEqual({ refusedBy: 'WINDOW', lease: null });
      expect(retryAfterSeconds).toBeGreaterThan(0);
      return;
    }
  });
  const direct = Array.from({ length: 4 }, async () => {
    for (;;) {
      const { body } = await verify(keywright.url, caller.secret, { key: key.secret });
      if (body.code !== 'VALID') return expect(body.code).toBe('RATE_LIMITED');
      admitted++;
    }
  });
  await Promise.all([...leases, ...direct]);
  expect(admitted).toBe(limit);
});

test('leased units are returned if released in time, once, and by their holder', async () => {
  const key = await create({ rateLimits: [{ name: 'hour', limit: 100, windowSeconds: 3600 }] });
  const [socket, other] = [await open(), await open()];
  await socket.prove(key.secret);
  const left = async (): Promise<number> => {
    const { body } = await verify(keywright.url, caller.secret, { key: key.secret, cost: 1 });
    return (body['limits'] as { remaining: number }[])[0]!.remaining;
  };
  const { lease, units, ttlMs, limits } = await socket.lease(key.id, 60, 60);
  expect({ units, ttlMs, limits }).toMatchObject({ units: 60, ttlMs: 1000, limits: [{ remaining: 40 }] });
  other.say({ type: 'release', lease, units: 1 });
  socket.say({ type: 'release', lease, units: 61 });
  socket.say({ type: 'release', lease, units: 50 });
  socket.say({ type: 'release', lease, units: 11 });
  socket.say({ type: 'release', lease: 'another', units: 1 });
  await Promise.all([socket, other].map((each) => each.prove('')));
  expect(await left()).toBe(89);
  const late = await socket.lease(key.id, 9, 9);
  await new Promise((resolve) => setTimeout(resolve, late.ttlMs + 50));
  socket.say({ type: 'release', lease: late.lease, units: 9 });
  await socket.prove('');
  expect(await left()).toBe(79);
});

test('leases need a known key and a whole number, and are unlimited without limits', async () => {
  const key = await create();
  const socket = await open();
  expect(await socket.lease(key.id, 5)).toMatchObject({ type: 'failed', code: 'NOT_REMEMBERED' });
  await socket.prove(key.secret);
  expect(await socket.lease(key.id, 5)).toMatchObject({ units: 5, limits: [], refusedBy: null });
  for (const [wanted, needed] of [
    [0, 0],
    [1, 2],
    [1.5, 1],
    [-1, -1],
    [1e9, 1],
  ] as const) {
    expect(await socket.lease(key.id, wanted, needed)).toMatchObject({ type: 'failed', code: 'BAD' });
  }
});

test('a client that reads too slowly is disconnected, and a stopping server tells the others', async () => {
  const key = await create({ metadata: { text: 'x'.repeat(8000) } });
  const [slow, other] = [await open(), await open()];
  slow.socket.pause();
  // More than all buffers between the two can hold.
  for (let i = 0; i < 3000; i++) {
    slow.say({ type: 'prove', id: i, token: key.secret, ...ASKED });
  }
  expect(await other.prove(key.secret)).toMatchObject({ type: 'proved' });
  slow.socket.resume();
  expect(await within(10_000, slow.closed)).toBe(1006);
  const stopped = keywright.process.stop();
  expect(await within(10_000, other.closed)).toBe(1001);
  expect(await stopped).toMatchObject({ code: 0 });
});
