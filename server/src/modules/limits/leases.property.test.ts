import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodAt } from './calendar-quota.js';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Lease } from './rate-limiter.js';

// Shortly before the end of a day that ends a month.
const START = Date.parse('2027-12-31T23:59:00Z');

interface Use {
  readonly atMs: number;
  readonly units: number;
}

const rulesOf = fc
  .record({
    second: fc.integer({ min: 2, max: 12 }),
    burst: fc.integer({ min: 4, max: 20 }),
    minute: fc.integer({ min: 4, max: 60 }),
    day: fc.integer({ min: 10, max: 100 }),
    kept: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
  })
  .map(({ second, burst, minute, day, kept }): LimitRules => ({
    windows: [
      { name: 'second', limit: second, windowSeconds: 1 },
      { name: 'burst', limit: burst, windowSeconds: 7 },
      { name: 'minute', limit: minute, windowSeconds: 60 },
    ].filter((_, i) => kept[i]),
    quotas: kept[3] ? [{ period: 'DAY', limit: day }] : [],
  }));

/**
 * The next action of a caller: it consumes directly, or takes a lease and uses some of the units within their lifetime.
 */
interface Step {
  readonly passedMs: number;
  readonly direct: boolean;
  readonly needed: number;
  readonly more: number;
  /** When each of the units is used, as a fraction of their lifetime. */
  readonly usedAt: readonly number[];
  /** When the remaining units are returned. */
  readonly givesBackAt: number | null;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    passedMs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1500 })),
    direct: fc.boolean(),
    needed: fc.integer({ min: 1, max: 3 }),
    more: fc.integer({ min: 0, max: 30 }),
    usedAt: fc.array(fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 12,
    }),
    givesBackAt: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  }),
  { maxLength: 120 },
);

function expectWithin({ windows, quotas }: LimitRules, uses: readonly Use[]): void {
  const sum = (within: (atMs: number) => boolean): number =>
    uses.reduce((all, { atMs, units }) => all + (within(atMs) ? units : 0), 0);
  for (const { atMs: from } of uses) {
    for (const { limit, windowSeconds } of windows) {
      expect(sum((atMs) => atMs >= from && atMs < from + windowSeconds * 1000)).toBeLessThanOrEqual(limit);
    }
    for (const { period, limit } of quotas) {
      const { startMs, endMs } = periodAt(period, from);
      expect(sum((atMs) => atMs >= startMs && atMs < endMs)).toBeLessThanOrEqual(limit);
    }
  }
}

type Take = (limiter: MemoryRateLimiter, rules: LimitRules, wanted: number, needed: number) => Lease;
let taken = 0;

/** Callers that consume directly and callers that take leases share one limiter: no limit is exceeded in any span. */
const promise = (take: Take): fc.IPropertyWithHooks<[LimitRules, Step[]]> =>
  fc.property(rulesOf, steps, (rules, list) => {
    let nowMs = START;
    const limiter = new MemoryRateLimiter({ now: () => nowMs });
    const uses: Use[] = [];
    const returns: { readonly atMs: number; readonly lease: Lease; readonly unused: number }[] = [];
    for (const { passedMs, direct, needed, more, usedAt, givesBackAt } of list) {
      const untilMs = nowMs + passedMs;
      for (const due of returns.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)) {
        nowMs = due.atMs;
        due.lease.returnUnits(due.unused);
        returns.splice(returns.indexOf(due), 1);
      }
      nowMs = untilMs;
      if (direct) {
        if (limiter.consume('k', rules, needed).allowed) uses.push({ atMs: nowMs, units: needed });
        continue;
      }
      const lease = take(limiter, rules, needed + more, needed);
      expect(lease.units === 0).toBe(lease.refusedBy !== null);
      if (lease.units === 0) continue;
      taken++;
      expect(lease.units).toBeGreaterThanOrEqual(needed);
      expect(lease.units).toBeLessThanOrEqual(needed + more);
      const times = usedAt.slice(0, lease.units);
      for (const part of times) uses.push({ atMs: nowMs + Math.floor(part * lease.ttlMs), units: 1 });
      const unused = lease.units - times.length;
      if (givesBackAt !== null && unused > 0) {
        returns.push({ atMs: nowMs + givesBackAt * lease.ttlMs, lease, unused });
      }
    }
    expectWithin(rules, uses);
  });

/** A lease whose units count from when it was taken, although they can be used later. */
const takeNaively: Take = (limiter, rules, _, needed) => {
  const decision = limiter.consume('k', rules, needed);
  return { ...decision, units: decision.allowed ? needed : 0, ttlMs: 1000, returnUnits: () => undefined };
};

describe('leases', () => {
  it('never allow more than a limit in any span, whenever their units are used, and mixed with direct use', () => {
    fc.assert(promise((limiter, rules, wanted, needed) => limiter.lease('k', rules, wanted, needed)));
    expect(taken).toBeGreaterThan(300);
  });

  it('would allow more if their units counted from when they were taken', () => {
    expect(fc.check(promise(takeNaively), { numRuns: 3000, seed: 1 }).failed).toBe(true);
  });

  it('leave units for others, but always include the needed units if they fit', () => {
    const rules: LimitRules = { windows: [{ name: 'm', limit: 100, windowSeconds: 60 }], quotas: [] };
    const limiter = new MemoryRateLimiter({ now: () => START });
    expect(limiter.lease('k', rules, 1000, 1)).toMatchObject({ units: 25, ttlMs: 1000 });
    expect(limiter.lease('k', rules, 1000, 1)).toMatchObject({ units: 19 });
    expect(limiter.lease('k', rules, 5, 1)).toMatchObject({ units: 5 });
    const all = limiter.lease('k', rules, 51, 51);
    expect(all).toMatchObject({ units: 51, limits: [{ remaining: 0 }] });
    expect(limiter.lease('k', rules, 2, 1)).toMatchObject({ units: 0, refusedBy: 'WINDOW' });
    all.returnUnits(50);
    expect(limiter.lease('k', rules, 50, 50)).toMatchObject({ units: 50 });
  });

  it('last a part of the shortest window, hold only the needed units if that is very short, and never reach into the next period', () => {
    const rulesFor = (windowSeconds: number): LimitRules => ({
      windows: [{ name: 'w', limit: 100, windowSeconds }],
      quotas: [],
    });
    const limiter = new MemoryRateLimiter({ now: () => START + 59_900 });
    expect(limiter.lease('a', rulesFor(1), 50, 2)).toMatchObject({ units: 2, ttlMs: 20 });
    expect(limiter.lease('b', rulesFor(2), 50, 2)).toMatchObject({ units: 25, ttlMs: 33 });
    expect(limiter.lease('c', rulesFor(3600), 50, 2)).toMatchObject({ units: 25, ttlMs: 1000 });
    const quota: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 10 }] };
    expect(limiter.lease('d', quota, 50, 1)).toMatchObject({ units: 3, ttlMs: 99 });
  });
});
