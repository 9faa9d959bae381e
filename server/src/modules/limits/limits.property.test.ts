import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodAt } from './calendar-quota.js';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { PastSpend } from './rate-limiter.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// Shortly before the end of a day that ends a month.
const START = Date.parse('2027-12-31T20:00:00Z');

const rulesOf = fc
  .record({
    burst: fc.integer({ min: 4, max: 10 }),
    hour: fc.integer({ min: 4, max: 20 }),
    day: fc.integer({ min: 4, max: 30 }),
    month: fc.integer({ min: 4, max: 60 }),
  })
  .map(({ burst, hour, day, month }): LimitRules => ({
    windows: [
      { name: 'burst', limit: burst, windowSeconds: 10 },
      { name: 'hour', limit: hour, windowSeconds: 3600 },
    ],
    quotas: [
      { period: 'DAY', limit: day },
      { period: 'MONTH', limit: month },
    ],
  }));

// Each call: elapsed time, by how much the clock then steps back, the cost, and whether a rejected call waits.
const calls = fc.array(
  fc.record({
    passed: fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 0, max: 5 * HOUR })),
    stepBack: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 50 * HOUR })),
    cost: fc.integer({ min: 1, max: 4 }),
    waits: fc.boolean(),
  }),
  { maxLength: 120 },
);

const sum = (spends: readonly { units: number }[]): number =>
  spends.reduce((all, { units }) => all + units, 0);

/** Fails if more than a limit was admitted in any window or calendar period. */
function expectWithin({ windows, quotas }: LimitRules, admitted: readonly { atMs: number; units: number }[]) {
  for (const { atMs: from } of admitted) {
    for (const { limit, windowSeconds } of windows) {
      const within = admitted.filter(({ atMs }) => atMs >= from && atMs < from + windowSeconds * 1000);
      expect(sum(within)).toBeLessThanOrEqual(limit);
    }
    for (const { period, limit } of quotas) {
      const { startMs, endMs } = periodAt(period, from);
      expect(sum(admitted.filter(({ atMs }) => atMs >= startMs && atMs < endMs))).toBeLessThanOrEqual(limit);
    }
  }
}

describe('windows and quotas together', () => {
  it('never admit more than a limit, charge all or nothing, and admit callers after the announced wait', () => {
    fc.assert(
      fc.property(rulesOf, calls, (rules, list) => {
        // Elapsed time as the limiter sees it, without the steps back of the clock.
        let atMs = START;
        let clockMs = START;
        const limiter = new MemoryRateLimiter({ now: () => clockMs });
        const admitted: { atMs: number; units: number }[] = [];
        const call = (cost: number) => {
          const decision = limiter.consume('k', rules, cost);
          if (decision.allowed) admitted.push({ atMs, units: cost });
          return decision;
        };
        for (const { passed, stepBack, cost, waits } of list) {
          atMs += Math.max(0, passed - stepBack);
          clockMs += passed - stepBack;
          const { allowed, limits, retryAfterSeconds } = call(cost);
          if (allowed) continue;
          // Nothing was charged: repeating the call at the same time shows the same numbers.
          expect(call(cost).limits).toEqual(limits);
          if (!waits) continue;
          atMs += retryAfterSeconds! * 1000;
          clockMs += retryAfterSeconds! * 1000;
          expect(call(cost).allowed).toBe(true);
        }
        expectWithin(rules, admitted);
      }),
    );
  });

  it('never admit more than a limit across a restart', () => {
    const bucketMs = fc.constantFrom(MINUTE, 5 * MINUTE);
    fc.assert(
      fc.property(rulesOf, calls, calls, bucketMs, (rules, before, after, bucket) => {
        let nowMs = START;
        const admitted: { atMs: number; units: number }[] = [];
        const run = (limiter: MemoryRateLimiter, list: typeof before): void => {
          for (const { passed, cost } of list) {
            nowMs += passed;
            if (limiter.consume('k', rules, cost).allowed) admitted.push({ atMs: nowMs, units: cost });
          }
        };
        run(new MemoryRateLimiter({ now: () => nowMs }), before);
        const spends: PastSpend[] = admitted.map(({ atMs, units }) => {
          const start = Math.floor(atMs / bucket) * bucket;
          return { atMs: start, untilMs: start + bucket, units };
        });
        const restarted = new MemoryRateLimiter({ now: () => nowMs });
        restarted.restore('k', rules, { windows: spends, quotas: spends });
        run(restarted, after);
        // Windows shorter than an hour start empty.
        expectWithin({ ...rules, windows: [rules.windows[1]!] }, admitted);
      }),
    );
  });

  it('never gain units by restoring', () => {
    const spends = fc.array(
      fc.record({
        agoMs: fc.integer({ min: -HOUR, max: 60 * HOUR }),
        lastsMs: fc.integer({ min: 1, max: HOUR }),
        units: fc.integer({ min: 0, max: 5 }),
      }),
      { maxLength: 150 },
    );
    fc.assert(
      fc.property(
        rulesOf,
        calls,
        spends,
        fc.integer({ min: 0, max: 2 * HOUR }),
        (rules, list, past, laterMs) => {
          let nowMs = START;
          const limiters = [1, 2].map(() => new MemoryRateLimiter({ now: () => nowMs }));
          for (const { passed, cost } of list) {
            nowMs += passed;
            for (const limiter of limiters) limiter.consume('k', rules, cost);
          }
          const spends = past.map(({ agoMs, lastsMs, units }) => ({
            atMs: nowMs - agoMs,
            untilMs: nowMs - agoMs + lastsMs,
            units,
          }));
          limiters[1]!.restore('k', rules, { windows: spends, quotas: spends });
          nowMs += laterMs;
          // A cost that never fits only reads the state.
          const [without, restored] = limiters.map((limiter) => limiter.consume('k', rules, 1000).limits);
          restored!.forEach(({ remaining }, i) =>
            expect(remaining).toBeLessThanOrEqual(without![i]!.remaining),
          );
        },
      ),
    );
  });
});
