import type { ExecutionResult } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { LiveBus } from '../core/live-bus.js';
import { heldAtRoot } from '../modules/access/decide/access.fixture.js';
import type { Principal } from '../modules/access/decide/principal.js';
import { GuardedEvents } from './guarded-events.js';
import { LiveCaller } from './live-caller.js';

const principal = (...permissions: string[]): Principal => ({
  actor: { kind: 'USER', id: 'usr_1', name: 'Ada' },
  access: heldAtRoot(...permissions),
  ip: null,
  sessionId: 'ses_1',
});

function subscription(refresh: () => Promise<Principal | null>): {
  events: GuardedEvents;
  publish: (value: string) => void;
  bus: LiveBus;
  end: () => void;
  later: (ms: number) => void;
} {
  let now = 0;
  let generation = 0;
  const bus = new LiveBus();
  const source = bus.subscribe('topic') as AsyncIterableIterator<ExecutionResult>;
  const caller = new LiveCaller(
    principal('*'),
    {
      refresh,
      get generation() {
        return generation;
      },
    },
    { now: () => now },
  );
  return {
    events: new GuardedEvents(source, caller),
    publish: (value) => bus.publish('topic', { data: { value } }),
    bus,
    end: () => (generation += 1),
    later: (ms) => (now += ms),
  };
}

describe('the events of a subscription', () => {
  it.each([
    [null, 'This API key is no longer accepted. Subscribe again with one that is.'],
    ['ses_1', 'The session has ended. Sign in again.'],
  ])('end with a reason that matches the kind of caller: session %j', async (sessionId, message) => {
    let now = 0;
    const nobody = { refresh: async () => null, generation: 0 };
    const caller = new LiveCaller({ ...principal(), sessionId }, nobody, { now: () => now });
    // A session is rechecked after a second, a key every time.
    if (sessionId !== null) await expect(caller.requireLive()).resolves.toBeUndefined();
    now += 1000;
    await expect(caller.requireLive()).rejects.toThrow(message);
  });

  it('are delivered while the session lives, with at most one lookup per second', async () => {
    const refresh = vi.fn(async () => principal('*'));
    const { events, publish, later } = subscription(refresh);
    for (let i = 0; i < 10; i++) {
      later(300);
      publish(String(i));
      expect((await events.next()).value).toEqual({ data: { value: String(i) } });
    }
    expect(refresh.mock.calls.length).toBeLessThanOrEqual(3);
  });

  it.each([
    ['the session has ended', async () => null],
    ['the caller has fewer permissions', async () => principal('keywright.keys.read')],
    ['the database is down', async () => Promise.reject(new Error('away'))],
  ])('end without delivering the event when %s', async (_, refresh) => {
    const { events, publish, bus, later } = subscription(refresh);
    later(1000);
    publish('secret');
    const last = await events.next();
    expect(JSON.stringify(last.value)).not.toContain('secret');
    expect((last.value as ExecutionResult).errors).toHaveLength(1);
    expect(await events.next()).toEqual({ value: undefined, done: true });
    expect(bus.hasSubscribers('topic')).toBe(false);
  });

  it('end immediately when this process ends the session', async () => {
    let live = true;
    const { events, publish, end } = subscription(async () => (live ? principal('*') : null));
    publish('delivered');
    expect((await events.next()).value).toEqual({ data: { value: 'delivered' } });
    live = false;
    end();
    publish('secret');
    expect(JSON.stringify((await events.next()).value)).not.toContain('secret');
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  it('release their source immediately, even while waiting for it', async () => {
    const { events, bus } = subscription(async () => principal('*'));
    const waiting = events.next();
    await events.return();
    expect(await waiting).toMatchObject({ done: true });
    expect(bus.hasSubscribers('topic')).toBe(false);
  });

  it('end with the error of a failing source', async () => {
    const source = { next: () => Promise.reject(new Error('broken')) };
    const nobody = { refresh: async () => null, generation: 0 };
    const events = new GuardedEvents(source, new LiveCaller(principal(), nobody, { now: () => 0 }));
    expect(((await events.next()).value as ExecutionResult).errors![0]!.message).toBe('broken');
    expect((await events.next()).done).toBe(true);
  });
});
