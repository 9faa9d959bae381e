import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryRateLimiter } from './memory-rate-limiter.js';

class TestClock {
  constructor(public ms = 1_800_000_000_000) {}
  now(): number {
    return this.ms;
  }
}

const minute = (limit: number) => ({ name: 'minute', limit, windowSeconds: 60 });
const hour = (limit: number) => ({ name: 'hour', limit, windowSeconds: 3600 });

describe('the rate limiter in memory', () => {
  it('admits exactly the limit, then says when to come back', () => {
    const clock = new TestClock();
    const limiter = new MemoryRateLimiter(clock);
    const decisions = Array.from({ length: 8 }, () => limiter.consume('k', [minute(5)], 1));
    expect(decisions.map((d) => d.allowed)).toEqual([true, true, true, true, true, false, false, false]);
    expect(decisions.map((d) => d.limits[0]!.remaining)).toEqual([4, 3, 2, 1, 0, 0, 0, 0]);
    const { retryAfterSeconds } = decisions[7]!;
    clock.ms += retryAfterSeconds! * 1000;
    expect(limiter.consume('k', [minute(5)], 1).allowed).toBe(true);
  });

  it('consumes from all windows or from none', () => {
    const limiter = new MemoryRateLimiter(new TestClock());
    expect(limiter.consume('k', [minute(10), hour(2)], 2).allowed).toBe(true);
    const refused = limiter.consume('k', [minute(10), hour(2)], 1);
    expect(refused.allowed).toBe(false);
    expect(refused.limits.map((l) => l.remaining)).toEqual([8, 0]);
    expect(limiter.consume('k', [minute(10)], 8).allowed).toBe(true);
  });

  it('keeps subjects apart and asks nothing of a subject without windows', () => {
    const limiter = new MemoryRateLimiter(new TestClock());
    expect(limiter.consume('a', [minute(1)], 1).allowed).toBe(true);
    expect(limiter.consume('b', [minute(1)], 1).allowed).toBe(true);
    expect(limiter.consume('a', [minute(1)], 1).allowed).toBe(false);
    expect(limiter.consume('a', [], 1)).toEqual({ allowed: true, limits: [], retryAfterSeconds: null });
  });

  it('keeps what was used when a limit is renamed or raised', () => {
    const limiter = new MemoryRateLimiter(new TestClock());
    limiter.consume('k', [minute(5)], 5);
    const raised = limiter.consume('k', [{ ...minute(6), name: 'burst' }], 1);
    expect(raised.limits[0]).toMatchObject({ name: 'burst', remaining: 0 });
    expect(limiter.consume('k', [minute(6)], 1).allowed).toBe(false);
  });

  it('forgets subjects that went quiet', () => {
    const clock = new TestClock();
    const limiter = new MemoryRateLimiter(clock);
    for (let i = 0; i < 1000; i++) limiter.consume(`k${i}`, [minute(5)], 1);
    clock.ms += 180_000;
    for (let i = 0; i < 2000; i++) limiter.consume('other', [minute(5)], 1);
    expect(limiter.size).toBe(1);
  });

  it('never admits more than the limit within one bucket, whatever the order of costs and times', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -500, max: 500 })), {
          maxLength: 80,
        }),
        (limit, calls) => {
          const clock = new TestClock(1_800_000_000_000 + 30_000);
          const limiter = new MemoryRateLimiter(clock);
          let admitted = 0;
          for (const [cost, step] of calls) {
            clock.ms += step > 0 ? Math.min(step, 300) : step;
            if (limiter.consume('k', [minute(limit)], cost).allowed) admitted += cost;
          }
          expect(admitted).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });
});
