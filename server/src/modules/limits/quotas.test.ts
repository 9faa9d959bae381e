import { describe, expect, it } from 'vitest';
import type { LimitRules, Quota } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { PastSpend } from './rate-limiter.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.parse('2027-03-27T12:00:00Z');

function start(ms = NOON) {
  const clock = { ms, now: () => clock.ms };
  return { clock, limiter: new MemoryRateLimiter(clock) };
}

const minute = (limit: number) => ({ name: 'minute', limit, windowSeconds: 60 });
const hour = (limit: number) => ({ name: 'hour', limit, windowSeconds: 3600 });
const day = (limit: number): Quota => ({ period: 'DAY', limit });
const month = (limit: number): Quota => ({ period: 'MONTH', limit });

describe('quotas in the limiter', () => {
  it('are listed after the windows, with the length of their period and the start of the next', () => {
    const { limiter } = start();
    const { limits } = limiter.consume('k', { windows: [minute(5)], quotas: [day(10), month(100)] }, 2);
    expect(limits).toEqual([
      { name: 'minute', limit: 5, remaining: 3, windowSeconds: 60, resetSeconds: 60 },
      { name: 'day', limit: 10, remaining: 8, windowSeconds: 86_400, resetSeconds: 43_200 },
      { name: 'month', limit: 100, remaining: 98, windowSeconds: 31 * 86_400, resetSeconds: 4.5 * 86_400 },
    ]);
  });

  it('differ from a window of the same name', () => {
    const { limiter } = start();
    const windows = [{ name: 'day', limit: 5, windowSeconds: 86_400 }];
    const { limits } = limiter.consume('k', { windows, quotas: [day(10)] }, 1);
    expect(limits.map(({ name }) => name)).toEqual(['day', 'day-quota']);
  });

  it('refuse until the period ends, then start at zero', () => {
    const { clock, limiter } = start();
    const rules: LimitRules = { windows: [], quotas: [day(3)] };
    expect(limiter.consume('k', rules, 3)).toMatchObject({ allowed: true, refusedBy: null });
    const refused = { allowed: false, refusedBy: 'QUOTA', retryAfterSeconds: 43_200 };
    expect(limiter.consume('k', rules, 1)).toMatchObject(refused);
    clock.ms += 12 * HOUR - 1;
    expect(limiter.consume('k', rules, 1)).toMatchObject({ refusedBy: 'QUOTA', retryAfterSeconds: 1 });
    clock.ms += 1;
    expect(limiter.consume('k', rules, 3).allowed).toBe(true);
  });

  it('are charged together with the windows, or not at all', () => {
    const { clock, limiter } = start();
    const rules: LimitRules = { windows: [minute(2)], quotas: [day(3)] };
    limiter.consume('k', rules, 2);
    // A window that rejects takes precedence, and the quota is not charged.
    expect(limiter.consume('k', rules, 1)).toMatchObject({ refusedBy: 'WINDOW', retryAfterSeconds: 60 });
    clock.ms += 60_000;
    const refused = limiter.consume('k', rules, 2);
    expect(refused.refusedBy).toBe('QUOTA');
    expect(refused.limits.map(({ remaining }) => remaining)).toEqual([2, 1]);
    expect(limiter.consume('k', rules, 1).limits.map(({ remaining }) => remaining)).toEqual([1, 0]);
  });

  it('announce no time for a cost that never fits', () => {
    const { limiter } = start();
    const rules: LimitRules = { windows: [minute(9)], quotas: [day(3), month(100)] };
    expect(limiter.consume('k', rules, 4)).toMatchObject({ refusedBy: 'QUOTA', retryAfterSeconds: null });
    expect(limiter.consume('k', rules, 10)).toMatchObject({ refusedBy: 'WINDOW', retryAfterSeconds: null });
  });

  it('announce the longer wait when both refuse', () => {
    const { limiter } = start();
    const rules: LimitRules = { windows: [minute(2)], quotas: [day(2)] };
    limiter.consume('k', rules, 2);
    expect(limiter.consume('k', rules, 1)).toMatchObject({ refusedBy: 'WINDOW', retryAfterSeconds: 43_200 });
  });

  it('keep the usage when the rules change', () => {
    const { limiter } = start();
    limiter.consume('k', { windows: [minute(9)], quotas: [day(5)] }, 5);
    const raised = limiter.consume('k', { windows: [], quotas: [month(9), day(6)] }, 1);
    expect(raised.limits.map(({ remaining }) => remaining)).toEqual([8, 0]);
  });

  it('are kept until their period ends, then evicted', () => {
    const { clock, limiter } = start();
    const rules: LimitRules = { windows: [minute(9)], quotas: [day(5)] };
    for (let i = 0; i < 100; i++) limiter.consume(`k${i}`, rules, 5);
    const others: LimitRules = { windows: [minute(999)], quotas: [] };
    clock.ms += 12 * HOUR - 1;
    for (let i = 0; i < 300; i++) limiter.consume('other', others, 1);
    expect(limiter.size).toBe(101);
    expect(limiter.consume('k7', rules, 1).refusedBy).toBe('QUOTA');
    clock.ms += DAY;
    for (let i = 0; i < 300; i++) limiter.consume('other', others, 1);
    expect(limiter.size).toBe(1);
  });
});

describe('after a restart', () => {
  const past = (agoMs: number, units: number, forMs = 60_000) => ({
    atMs: NOON - agoMs,
    untilMs: NOON - agoMs + forMs,
    units,
  });

  const restore = (limiter: MemoryRateLimiter, rules: LimitRules, spends: PastSpend[]): void =>
    limiter.restore('k', rules, { windows: spends, quotas: spends });

  it('quotas and windows of an hour or more count earlier spends, and shorter windows start empty', () => {
    const { clock, limiter } = start();
    const rules: LimitRules = { windows: [minute(5), hour(20)], quotas: [day(30), month(40)] };
    restore(limiter, rules, [
      past(20 * DAY, 4),
      past(DAY, 2),
      past(2 * HOUR, 3),
      past(600_000, 5),
      past(0, 6),
    ]);
    const { limits } = limiter.consume('k', rules, 1);
    expect(limits.map(({ remaining }) => remaining)).toEqual([4, 20 - 12, 30 - 15, 40 - 21]);
    clock.ms += HOUR - 540_000 - 1;
    expect(limiter.consume('k', rules, 1).limits[1]!.remaining).toBe(20 - 13);
    clock.ms += 1;
    expect(limiter.consume('k', rules, 1).limits[1]!.remaining).toBe(20 - 9);
  });

  it('units counted since are kept', () => {
    const { limiter } = start();
    const rules: LimitRules = { windows: [hour(10)], quotas: [day(10)] };
    limiter.consume('k', rules, 2);
    restore(limiter, rules, [past(60_000, 3)]);
    expect(limiter.consume('k', rules, 1).limits.map(({ remaining }) => remaining)).toEqual([4, 4]);
  });

  it('spends from a clock that was ahead count as spent now, and lock nobody out', () => {
    const { clock, limiter } = start();
    const rules: LimitRules = { windows: [hour(10)], quotas: [day(10)] };
    restore(limiter, rules, [past(-400 * DAY, 10)]);
    expect(limiter.consume('k', rules, 1).refusedBy).toBe('WINDOW');
    clock.ms += HOUR;
    expect(limiter.consume('k', rules, 1).refusedBy).toBe('QUOTA');
    clock.ms += 11 * HOUR;
    expect(limiter.consume('k', rules, 10).allowed).toBe(true);
  });
});
