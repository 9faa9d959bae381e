import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import { SharedRateLimiter } from './shared-rate-limiter.js';

const daily: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 10 }] };
const short: LimitRules = { windows: [{ name: 'minute', limit: 10, windowSeconds: 60 }], quotas: [] };
const away = (): Promise<never> => Promise.reject(new Error('away'));

let reached: boolean;
let begun: boolean[];
/** What is counted together. */
let all: MemoryRateLimiter;
let own: MemoryRateLimiter;
let limiter: SharedRateLimiter;

beforeEach(() => {
  vi.useFakeTimers();
  reached = true;
  begun = [];
  const clock = { now: () => Date.now() };
  all = new MemoryRateLimiter(clock);
  own = new MemoryRateLimiter(clock);
  limiter = new SharedRateLimiter(
    {
      consume: (...asked) => (reached ? Promise.resolve(all.consume(...asked)) : away()),
      lease: (...asked) => (reached ? Promise.resolve(all.lease(...asked)) : away()),
      begin: (anew = false) => (reached ? Promise.resolve(void begun.push(anew)) : away()),
    },
    own,
  );
});
afterEach(() => {
  limiter.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const consume = async (rules: LimitRules, cost: number): Promise<number[]> => {
  const { allowed, limits } = await limiter.consume('key', rules, cost);
  return [Number(allowed), ...limits.map(({ remaining }) => remaining)];
};

describe('a limiter of several processes', () => {
  it('asks nobody about whoever has no limits', () => {
    const none = { windows: [], quotas: [] };
    expect(limiter.consume('key', none, 1)).toMatchObject({ allowed: true, limits: [] });
    expect(limiter.lease('key', none, 5, 1)).toMatchObject({ units: 5 });
    expect(limiter.alone).toBe(0);
  });

  it('goes by what all count, and alone by no less than it admitted itself', async () => {
    all.consume('key', daily, 3);
    expect(await consume(daily, 2)).toEqual([1, 5]);
    expect(await limiter.lease('key', daily, 2, 2)).toMatchObject({ units: 2 });
    reached = false;
    expect(await consume(daily, 1)).toEqual([1, 5]);
    expect(await limiter.lease('key', daily, 6, 6)).toMatchObject({ units: 0, refusedBy: 'QUOTA' });
    expect(await consume(daily, 6)).toEqual([0, 5]);
    expect(limiter.alone).toBe(3);
  });

  it('has all counted anew once it is no more alone, and what it admitted is written', async () => {
    reached = false;
    await consume(daily, 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(begun).toEqual([]);
    reached = true;
    await consume(daily, 1);
    await consume(daily, 1);
    await vi.advanceTimersByTimeAsync(1500);
    expect(begun).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(begun).toEqual([true]);
    await consume(daily, 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(begun).toEqual([true]);
  });

  it('tries again when it is left alone before that, and leaves it when nothing that lasts was admitted', async () => {
    reached = false;
    await consume(daily, 1);
    reached = true;
    await consume(daily, 1);
    reached = false;
    await vi.advanceTimersByTimeAsync(3000);
    reached = true;
    await consume(short, 1);
    await vi.advanceTimersByTimeAsync(3000);
    expect(begun).toEqual([true]);
    reached = false;
    await consume(short, 1);
    await consume(daily, 100);
    reached = true;
    await consume(short, 1);
    await vi.advanceTimersByTimeAsync(3000);
    expect(begun).toEqual([true]);
  });
});
