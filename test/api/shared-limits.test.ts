import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisLink } from '../../server/src/database/redis-link.js';
import type { LimitRules } from '../../server/src/modules/limits/limit-rules.js';
import { MemoryRateLimiter } from '../../server/src/modules/limits/memory-rate-limiter.js';
import { sumSpends } from '../../server/src/modules/limits/past-spends.js';
import type { Lease, PastSpend } from '../../server/src/modules/limits/rate-limiter.js';
import { RedisLimits } from '../../server/src/modules/limits/shared-limits.redis.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { LONGER } from '../support/property-runs.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Min time that the shortest window is kept. */
const FORGETS_AFTER_MS = 1900;
/** Shortly before the end of a month. */
const START_MS = Date.parse('2027-12-31T20:00:00Z');

let redis: TestRedis;
let link: RedisLink;
let nowMs = START_MS;
let spends: PastSpend[] = [];
let asked = 0;
let subjects = 0;

const limits = (): RedisLimits =>
  new RedisLimits({
    redis: link,
    installationId: 'test',
    readSpent: async (_, rules) => {
      asked++;
      return sumSpends(rules, { windows: spends, quotas: spends }, nowMs);
    },
    clock: { now: () => nowMs },
    countsBy: { now: () => nowMs },
  });
const newSubject = (): string => `key_${++subjects}`;

beforeAll(async () => {
  redis = await startRedis();
  link = await RedisLink.open(redis.url, () => undefined);
  await eventually(() => expect(link.usable).toBe(true));
}, INSTALL_TIMEOUT_MS);
afterAll(async () => {
  link?.close();
  await redis?.stop();
});
beforeEach(() => {
  nowMs = START_MS;
  spends = [];
  asked = 0;
});

const limit = fc.integer({ min: 2, max: 20 });
const rulesOf: fc.Arbitrary<LimitRules> = fc
  .record({
    windows: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'day'),
        limit,
        windowSeconds: fc.constantFrom(1, 10, 60, 3600),
      }),
      { maxLength: 3, selector: ({ name }) => name },
    ),
    quotas: fc.uniqueArray(fc.record({ period: fc.constantFrom('DAY' as const, 'MONTH' as const), limit }), {
      maxLength: 2,
      selector: ({ period }) => period,
    }),
  })
  .filter(({ windows, quotas }) => windows.length + quotas.length > 0);

const passed = fc.oneof(
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: 0, max: 4000 }),
  fc.integer({ min: 0, max: 5 * HOUR_MS }),
);
const stepsBack = fc.oneof(
  { weight: 9, arbitrary: fc.constant(0) },
  fc.integer({ min: 0, max: 5 * HOUR_MS }),
);
const step = fc.record({
  passed,
  stepsBack,
  kind: fc.constantFrom('consume', 'consume', 'lease', 'give back'),
  cost: fc.integer({ min: 1, max: 5 }),
  more: fc.integer({ min: 0, max: 30 }),
});

describe('limits that are counted in Redis', () => {
  test('decide like those in memory, for all questions and clock changes', async () => {
    let decisions = 0;
    let refusals = 0;
    const property = fc.asyncProperty(
      rulesOf,
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (rules, steps) => {
        nowMs = START_MS;
        const together = limits();
        const own = new MemoryRateLimiter({ now: () => nowMs });
        const subject = newSubject();
        let last: { leases: [Lease, Lease]; endsAtMs: number } | null = null;
        let noted = false;
        const startedAtMs = performance.now();
        for (const { passed, stepsBack: wanted, kind, cost, more } of steps) {
          // Redis expires old counts by its own clock.
          if (performance.now() - startedAtMs > FORGETS_AFTER_MS) return;
          // Redis records no time on a rejection, so a clock that then steps back has a smaller gap.
          const stepsBack = noted ? wanted : 0;
          nowMs += passed - stepsBack;
          if (stepsBack > 0) last = null;
          if (kind === 'give back') {
            if (!last || nowMs >= last.endsAtMs) continue;
            const units = Math.min(cost, last.leases[0].units);
            for (const lease of last.leases) lease.returnUnits(units);
            last = null;
            // Two round trips: Redis may need the script.
            for (let i = 0; i < 2; i++) await link.run('return 1', [], []);
            continue;
          }
          decisions++;
          if (kind === 'consume') {
            const decision = await together.consume(subject, rules, cost);
            expect(decision).toEqual(own.consume(subject, rules, cost));
            noted = decision.allowed;
            if (!noted) refusals++;
            continue;
          }
          const leases: [Lease, Lease] = [
            await together.lease(subject, rules, cost + more, cost),
            own.lease(subject, rules, cost + more, cost),
          ];
          const [{ returnUnits: _, ...theirs }, { returnUnits: __, ...mine }] = leases;
          expect(theirs).toEqual(mine);
          noted = mine.units > 0;
          if (noted) last = { leases, endsAtMs: nowMs + mine.ttlMs };
        }
      },
    );
    await fc.assert(property, { numRuns: 60 * LONGER, endOnFailure: true });
    expect(refusals).toBeGreaterThan(50);
    expect(decisions - refusals).toBeGreaterThan(500);
  });

  test('admit exactly the limit, for any number of concurrent requests and processes', async () => {
    const rules: LimitRules = {
      windows: [{ name: 'minute', limit: 10, windowSeconds: 60 }],
      quotas: [{ period: 'DAY', limit: 10 }],
    };
    const processes = [limits(), limits(), limits()];
    const subject = newSubject();
    const decisions = await Promise.all(
      Array.from({ length: 300 }, (_, i) => processes[i % 3]!.consume(subject, rules, 1)),
    );
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10);
  });

  const quota: LimitRules = {
    windows: [
      { name: 'hour', limit: 100, windowSeconds: 3600 },
      { name: 'minute', limit: 100, windowSeconds: 60 },
    ],
    quotas: [{ period: 'MONTH', limit: 100 }],
  };
  const remaining = async (of: RedisLimits, subject: string, cost = 1): Promise<number[]> =>
    (await of.consume(subject, quota, cost)).limits.map((each) => each.remaining);
  const spent = (agoMs: number, units: number): PastSpend => ({
    atMs: nowMs - agoMs - MINUTE_MS,
    untilMs: nowMs - agoMs,
    units,
  });

  test('load earlier usage of everything that lasts from the database, once', async () => {
    spends = [spent(24 * HOUR_MS, 20), spent(40 * MINUTE_MS, 5), spent(-MINUTE_MS / 2, 3)];
    const subject = newSubject();
    expect(await remaining(limits(), subject)).toEqual([91, 99, 71]);
    expect(await remaining(limits(), subject)).toEqual([90, 98, 70]);
    expect(asked).toBe(1);
    nowMs += 21 * MINUTE_MS;
    expect(await remaining(limits(), subject)).toEqual([94, 99, 69]);
  });

  test('also load what is new to a key from the database, and nothing else', async () => {
    spends = [spent(24 * HOUR_MS, 20), spent(40 * MINUTE_MS, 5)];
    const subject = newSubject();
    const together = limits();
    const daily: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 100 }] };
    expect((await together.consume(subject, daily, 1)).limits[0]!.remaining).toBe(94);
    spends = [spent(24 * HOUR_MS, 20), spent(40 * MINUTE_MS, 50)];
    const more: LimitRules = { ...quota, quotas: [...quota.quotas, ...daily.quotas] };
    const { limits: states } = await together.consume(subject, more, 1);
    expect(states.map((each) => each.remaining)).toEqual([49, 99, 29, 93]);
    expect(asked).toBe(2);
  });

  const loseAll = (): Promise<unknown> => link.run(`return redis.call('FLUSHALL')`, [], []);
  /** As if Redis had restarted from an old copy: all data is present, but from another era. */
  const beginAnew = (): Promise<unknown> =>
    link.run(`return redis.call('SET', KEYS[1], 'another')`, ['kw:limits-era:test'], []);

  test('keep lasting usage when Redis loses it, and use the database only for what Redis lacks', async () => {
    const subject = newSubject();
    const together = limits();
    await remaining(together, subject, 30);
    await loseAll();
    spends = [spent(MINUTE_MS, 30)];
    expect(await remaining(together, subject)).toEqual([69, 99, 69]);
    await beginAnew();
    spends = [spent(MINUTE_MS, 30), spent(0, 11)];
    expect(await remaining(together, subject)).toEqual([58, 98, 58]);
    await beginAnew();
    spends = [];
    expect(await remaining(together, subject)).toEqual([57, 97, 57]);
    await link.run(`return redis.call('DEL', KEYS[1])`, ['kw:limits-era:test'], []);
    spends = [spent(0, 20)];
    expect(await remaining(together, subject)).toEqual([56, 96, 56]);
  });

  test('load again if Redis was reset while the database was queried', async () => {
    const subject = newSubject();
    let reads = 0;
    const together = new RedisLimits({
      redis: link,
      installationId: 'test',
      readSpent: async (_, rules) => {
        if (reads++ === 0) await beginAnew();
        return sumSpends(rules, { windows: [], quotas: [spent(MINUTE_MS, 10 * reads)] }, nowMs);
      },
      clock: { now: () => nowMs },
      countsBy: { now: () => nowMs },
    });
    await loseAll();
    expect((await together.consume(subject, quota, 1)).limits[2]!.remaining).toBe(79);
    expect(reads).toBe(2);
  });

  test('count what was admitted without them: reported units for short windows, the database for everything that lasts', async () => {
    const together = limits();
    const subject = newSubject();
    await remaining(together, subject, 10);
    asked = 0;
    spends = [spent(24 * HOUR_MS, 20), spent(0, 25)];
    await together.add(subject, quota, [15, 15]);
    expect(asked).toBe(0);
    expect(await remaining(together, subject)).toEqual([74, 74, 54]);
    expect(await remaining(together, subject)).toEqual([73, 73, 53]);
    expect(asked).toBe(1);
    // Full limits are charged too, and so are ones never counted before.
    await together.add(subject, quota, [200, 200]);
    expect(await remaining(together, subject)).toEqual([73, 0, 53]);
    const other = newSubject();
    await together.add(other, quota, [0, 4]);
    expect(await remaining(together, other)).toEqual([74, 95, 54]);
  });

  test('return nothing after counters were restored, and no more than was taken', async () => {
    const together = limits();
    const subject = newSubject();
    const lease = await together.lease(subject, quota, 20, 20);
    await loseAll();
    await remaining(together, subject);
    lease.returnUnits(19);
    for (let i = 0; i < 2; i++) await link.run('return 1', [], []);
    expect(await remaining(together, subject)).toEqual([98, 98, 98]);
  });

  test('give no answer while the database cannot say what was used', async () => {
    const together = new RedisLimits({
      redis: link,
      installationId: 'other',
      readSpent: () => Promise.reject(new Error('away')),
      clock: { now: () => nowMs },
      countsBy: { now: () => nowMs },
    });
    await expect(together.consume('key', quota, 1)).rejects.toThrow('away');
    const short: LimitRules = { windows: [quota.windows[1]!], quotas: [] };
    expect((await together.consume('key', short, 1)).allowed).toBe(true);
  });

  test('reject a clock that is days off', async () => {
    const together = new RedisLimits({
      redis: link,
      installationId: 'test',
      readSpent: async (_, rules) => sumSpends(rules, { windows: [], quotas: [] }, nowMs),
      clock: { now: () => nowMs },
      countsBy: { now: () => nowMs + 96 * HOUR_MS },
    });
    const daily: LimitRules = { windows: [], quotas: [{ period: 'DAY', limit: 5 }] };
    await expect(together.consume(newSubject(), daily, 1)).rejects.toThrow('clock');
  });
});
