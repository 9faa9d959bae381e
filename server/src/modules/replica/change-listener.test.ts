import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ChangeListener } from './change-listener.postgres.js';

/** A database that breaks every connection. */
let away: Server;
let connections: number;
let listener: ChangeListener;
/** Resolves when the listener has lost its next connection. */
let lost: () => Promise<void>;

beforeEach(async () => {
  // No retry comes by itself.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  connections = 0;
  away = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined).destroy();
  });
  away.listen(0, '127.0.0.1');
  await once(away, 'listening');
  const { port } = away.address() as AddressInfo;
  let tell = (): void => undefined;
  lost = () => new Promise((resolve) => (tell = resolve));
  listener = new ChangeListener(
    {
      connection: { host: '127.0.0.1', port, user: 'keywright', database: 'keywright' },
      channels: [],
      notify: () => Promise.resolve(),
    },
    {
      onChange: () => undefined,
      onWake: () => undefined,
      onNotice: () => undefined,
      onAnswer: () => undefined,
      onNotificationTest: () => tell(),
    },
  );
});
afterEach(async () => {
  vi.useRealTimers();
  await listener.close();
  await new Promise((resolve) => away.close(resolve));
});

it('connects when the database is known to be back, without waiting for the next retry', async () => {
  const first = lost();
  listener.start();
  await first;
  expect(connections).toBe(1);
  for (let again = 1; again <= 3; again++) {
    const next = lost();
    listener.retryNow();
    await next;
    expect(connections).toBe(1 + again);
  }
});

it('opens one connection, however often it is told', async () => {
  const first = lost();
  listener.start();
  listener.retryNow();
  await first;
  const next = lost();
  listener.retryNow();
  listener.retryNow();
  await next;
  expect(connections).toBe(2);
  expect(vi.getTimerCount()).toBe(1);
});

it('opens none once it is closed', async () => {
  const first = lost();
  listener.start();
  await first;
  await listener.close();
  listener.retryNow();
  // Connections are accepted in order, so this one is counted after any that the listener opened.
  const own = connect((away.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  await once(own, 'close');
  expect(connections).toBe(2);
});
