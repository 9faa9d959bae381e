import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Unanswered } from '../../core/redis-scripts.js';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import { SharedRateLimiter } from './shared-rate-limiter.js';

const START = Date.parse('2027-03-01T12:00:00Z');
const daily: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 10 }] };
const minutely: LimitRules = { windows: [{ name: 'minute', limit: 10, windowSeconds: 60 }], quotas: [] };
const AWAY = new Error('away');
const none: LimitRules = { windows: [], quotas: [] };

let nowMs: number;
let fails: Error | null;
let synced: [subject: string, ...units: number[]][];
let asked: number;
let logged: string[];
/** The shared counts. */
let all: MemoryRateLimiter;
let limiter: SharedRateLimiter;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  nowMs = START;
  fails = null;
  synced = [];
  asked = 0;
  logged = [];
  const clock = { now: () => nowMs };
  all = new MemoryRateLimiter(clock);
  const ask = <T>(answer: () => T): Promise<T> => {
    asked++;
    return fails ? Promise.reject(fails) : Promise.resolve(answer());
  };
  limiter = new SharedRateLimiter({
    shared: {
      consume: (...of) => ask(() => all.consume(...of)),
      consumeOnce: (subject, rules, cost) => ask(() => all.consume(subject, rules, cost)),
      lease: (...of) => ask(() => all.lease(...of)),
      add: (subject, _, units) => ask(() => void synced.push([subject, ...units])),
    },
    own: new MemoryRateLimiter(clock),
    monotonicClock: clock,
    log: (message) => logged.push(message),
  });
});
afterEach(async () => {
  fails = null;
  await limiter.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Advances the time. */
async function pass(ms: number): Promise<void> {
  nowMs += ms;
  await vi.advanceTimersByTimeAsync(ms);
}
const consume = async (cost: number, subject = 'key'): Promise<[boolean, number]> => {
  const { allowed, limits } = await limiter.consume(subject, daily, cost);
  return [allowed, limits[0]!.remaining];
};
describe('a limiter shared by several processes', () => {
  it('sends no request for subjects without limits', () => {
    expect(limiter.consume('key', none, 1)).toMatchObject({ allowed: true, limits: [] });
    expect(limiter.lease('key', none, 5, 1)).toMatchObject({ units: 5 });
    expect(asked).toBe(0);
  });

  it('uses the shared counts, and alone counts at least what it admitted itself', async () => {
    all.consume('key', daily, 3);
    expect(await consume(2)).toEqual([true, 5]);
    const lease = await limiter.lease('key', daily, 4, 4);
    expect(lease.units).toBe(4);
    lease.returnUnits(2);
    fails = AWAY;
    expect(await consume(1)).toEqual([true, 5]);
    expect(await limiter.lease('key', daily, 6, 6)).toMatchObject({ units: 0, refusedBy: 'QUOTA' });
    expect(await consume(5)).toEqual([true, 0]);
    expect(limiter.alone).toBe(3);
    expect(logged).toEqual(['This process counts limits on its own for now: away']);
  });

  it('syncs what it admitted alone, some time after the last admission, without further calls', async () => {
    fails = AWAY;
    await limiter.consume('key', minutely, 1);
    await limiter.consume('key', minutely, 2);
    const lease = await limiter.lease('other', minutely, 4, 4);
    lease.returnUnits(3);
    await limiter.consume('refused', minutely, 100);
    await pass(10_000);
    expect(synced).toEqual([]);
    fails = null;
    await pass(2000);
    expect(synced).toEqual([
      ['key', 3],
      ['other', 1],
    ]);
    await pass(10_000);
    expect(synced).toHaveLength(2);
  });

  it('syncs everything on close, even for more subjects than fit in one batch', async () => {
    fails = AWAY;
    for (let i = 0; i < 120; i++) await limiter.consume(`key_${i}`, minutely, 1);
    fails = null;
    await limiter.close();
    expect(synced).toHaveLength(120);
  });

  it('syncs no units of an unanswered request, but has the subject restored', async () => {
    fails = new Unanswered();
    await limiter.consume('key', minutely, 3);
    (await limiter.lease('key', minutely, 2, 2)).returnUnits(1);
    fails = null;
    await pass(2000);
    expect(synced).toEqual([['key', 0]]);
    // An unanswered sync is not repeated either.
    fails = AWAY;
    await limiter.consume('key', minutely, 3);
    fails = new Unanswered();
    await pass(2000);
    fails = null;
    await pass(2000);
    expect(synced).toHaveLength(1);
  });

  it('repeats a refusal of the same cost for a tenth of a second without a request', async () => {
    all.consume('key', daily, 8);
    expect(await consume(3)).toEqual([false, 2]);
    expect(limiter.consume('key', daily, 3)).toMatchObject({ allowed: false });
    expect(limiter.lease('key', daily, 9, 3)).toMatchObject({ units: 0, refusedBy: 'QUOTA' });
    expect(asked).toBe(1);
    expect(await limiter.consume('key', daily, 11)).toMatchObject({ retryAfterSeconds: null });
    expect(await consume(3)).toEqual([false, 2]);
    asked = 1;
    expect(await consume(1)).toEqual([true, 1]);
    const changed = { ...daily };
    expect(await limiter.consume('key', changed, 3)).toMatchObject({ allowed: false });
    expect(asked).toBe(3);
    nowMs += 101;
    await consume(3);
    expect(asked).toBe(4);
  });

  it('sends a request again immediately after units were returned', async () => {
    const lease = await limiter.lease('key', daily, 10, 10);
    expect(await consume(1)).toEqual([false, 0]);
    lease.returnUnits(4);
    expect(await consume(1)).toEqual([true, 3]);
  });
});
