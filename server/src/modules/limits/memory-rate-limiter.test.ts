import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { LimitWindow } from './sliding-window.js';

class TestClock {
  constructor(public ms = 1_800_000_000_000) {}
  now(): number {
    return this.ms;
  }
}

const rules = (...windows: LimitWindow[]): LimitRules => ({ windows, quotas: [] });
const minute = (limit: number) => ({ name: 'minute', limit, windowSeconds: 60 });
const hour = (limit: number) => ({ name: 'hour', limit, windowSeconds: 3600 });

describe('the in-memory rate limiter', () => {
  it('admits exactly the limit, then announces when to retry', () => {
    const clock = new TestClock();
    const limiter = new MemoryRateLimiter(clock);
    const decisions = Array.from({ length: 8 }, () => limiter.consume('k', rules(minute(5)), 1));
    expect(decisions.map((d) => d.allowed)).toEqual([true, true, true, true, true, false, false, false]);
    expect(decisions.map((d) => d.limits[0]!.remaining)).toEqual([4, 3, 2, 1, 0, 0, 0, 0]);
    const { retryAfterSeconds } = decisions[7]!;
    clock.ms += retryAfterSeconds! * 1000;
    expect(limiter.consume('k', rules(minute(5)), 1).allowed).toBe(true);
  });

  it('consumes from all windows or from none', () => {
    const limiter = new MemoryRateLimiter(new TestClock());
    expect(limiter.consume('k', rules(minute(10), hour(2)), 2).allowed).toBe(true);
    const refused = limiter.consume('k', rules(minute(10), hour(2)), 1);
    expect(refused.allowed).toBe(false);
    expect(refused.limits.map((l) => l.remaining)).toEqual([8, 0]);
    expect(limiter.consume('k', rules(minute(10)), 8).allowed).toBe(true);
  });

  it('keeps subjects separate and never limits a subject without windows', () => {
    const limiter = new MemoryRateLimiter(new TestClock());
    expect(limiter.consume('a', rules(minute(1)), 1).allowed).toBe(true);
    expect(limiter.consume('b', rules(minute(1)), 1).allowed).toBe(true);
    expect(limiter.consume('a', rules(minute(1)), 1).allowed).toBe(false);
    expect(limiter.consume('a', rules(), 1)).toEqual({
      allowed: true,
      limits: [],
      retryAfterSeconds: null,
      refusedBy: null,
    });
  });

  it('keeps the usage when a limit is renamed or raised', () => {
    const limiter = new MemoryRateLimiter(new TestClock());
    limiter.consume('k', rules(minute(5)), 5);
    const raised = limiter.consume('k', rules({ ...minute(6), name: 'burst' }), 1);
    expect(raised.limits[0]).toMatchObject({ name: 'burst', remaining: 0 });
    expect(limiter.consume('k', rules(minute(6)), 1).allowed).toBe(false);
  });

  it('evicts inactive subjects', () => {
    const clock = new TestClock();
    const limiter = new MemoryRateLimiter(clock);
    for (let i = 0; i < 1000; i++) limiter.consume(`k${i}`, rules(minute(5)), 1);
    clock.ms += 180_000;
    for (let i = 0; i < 2000; i++) limiter.consume('other', rules(minute(5)), 1);
    expect(limiter.size).toBe(1);
  });

  it('admits a burst of the whole limit after an idle window', () => {
    const clock = new TestClock();
    const limiter = new MemoryRateLimiter(clock);
    for (let i = 0; i < 3; i++) {
      expect(limiter.consume('k', rules(minute(5)), 5).allowed).toBe(true);
      expect(limiter.consume('k', rules(minute(5)), 1).retryAfterSeconds).toBe(60);
      clock.ms += 60_000;
    }
  });

  it('announces when a window is free again, but no time for a cost that never fits', () => {
    const clock = new TestClock();
    const limiter = new MemoryRateLimiter(clock);
    const refused = limiter.consume('k', rules(minute(5), hour(9)), 6);
    expect(refused).toMatchObject({ allowed: false, retryAfterSeconds: null });
    expect(refused.limits.map((l) => l.resetSeconds)).toEqual([0, 0]);
    limiter.consume('k', rules(minute(5)), 1);
    clock.ms += 10_500;
    expect(limiter.consume('k', rules(minute(5)), 5).limits[0]).toMatchObject({
      remaining: 4,
      resetSeconds: 50,
    });
  });

  // Each call: elapsed time, by how much the clock then steps back, and the cost.
  const calls = fc.array(
    fc.record({
      passed: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5000 })),
      stepBack: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 20_000 })),
      cost: fc.integer({ min: 1, max: 4 }),
      waits: fc.boolean(),
    }),
    { maxLength: 150 },
  );
  const windowsOf = (small: number, large: number) => [
    { name: 'short', limit: small, windowSeconds: 4 },
    { name: 'long', limit: large, windowSeconds: 11 },
  ];

  it('never admits more than a limit in any window, and admits callers after the announced wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 12 }),
        fc.integer({ min: 4, max: 30 }),
        calls,
        (small, large, list) => {
          const clock = new TestClock();
          const limiter = new MemoryRateLimiter(clock);
          const windows = windowsOf(small, large);
          const limits = rules(...windows);
          const admitted: { atMs: number; cost: number }[] = [];
          let atMs = 0;
          const call = (cost: number) => {
            const decision = limiter.consume('k', limits, cost);
            if (decision.allowed) admitted.push({ atMs, cost });
            return decision;
          };
          for (const { passed, stepBack, cost, waits } of list) {
            atMs += passed;
            clock.ms += passed - stepBack;
            const { allowed, retryAfterSeconds } = call(cost);
            if (allowed || !waits) continue;
            atMs += retryAfterSeconds! * 1000;
            clock.ms += retryAfterSeconds! * 1000;
            expect(call(cost).allowed).toBe(true);
          }
          for (const { limit, windowSeconds } of windows) {
            for (const { atMs: from } of admitted) {
              const within = admitted.filter((a) => a.atMs >= from && a.atMs < from + windowSeconds * 1000);
              expect(within.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(limit);
            }
          }
        },
      ),
    );
  });
});
