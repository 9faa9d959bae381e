import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from './sliding-window.js';

const MINUTE = 60_000;
const START = 1_800_000_000_000;

describe('a sliding window', () => {
  it('counts spent units for one whole window, then admits a burst of the limit', () => {
    const window = new SlidingWindow(MINUTE);
    window.spend(START, 10);
    expect(window.used(START + MINUTE - 1)).toBe(10);
    expect(window.used(START + MINUTE)).toBe(0);
  });

  it('counts no unit for longer than a window and a sixtieth of it', () => {
    const window = new SlidingWindow(MINUTE);
    for (let ms = 0; ms < 10 * MINUTE; ms += 100) {
      window.spend(START + ms, 1);
      expect(window.used(START + ms)).toBeLessThanOrEqual((MINUTE / 100) * (61 / 60));
    }
  });

  it('frees nothing when the clock steps back, and locks nobody out for longer than a window and a sixtieth of it', () => {
    const window = new SlidingWindow(MINUTE);
    window.spend(START, 4);
    window.spend(START + 30_000, 6);
    const back = START - 7 * MINUTE;
    expect(window.used(back)).toBe(10);
    expect(window.waitFor(back, 10, 1)).toBe(30_000 + MINUTE / 60);
    expect(window.used(back + MINUTE + MINUTE / 60)).toBe(0);
  });

  it('never fits a cost above the limit', () => {
    expect(new SlidingWindow(MINUTE).waitFor(START, 5, 6)).toBeNull();
    expect(new SlidingWindow(MINUTE).waitFor(START, 5, 5)).toBe(0);
  });

  it('fits after the announced wait, and not before', () => {
    const spends = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 20 })));
    fc.assert(
      fc.property(
        spends,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (list, a, b) => {
          const [cost, limit] = [Math.min(a, b), Math.max(a, b)];
          const window = new SlidingWindow(MINUTE);
          let now = START;
          for (const [ms, units] of list) window.spend((now += ms), units);
          const wait = window.waitFor(now, limit, cost)!;
          if (wait > 0) expect(window.used(now + wait - 1) + cost).toBeGreaterThan(limit);
          expect(window.used(now + wait) + cost).toBeLessThanOrEqual(limit);
          expect(window.used(now + wait + window.drainsIn(now + wait))).toBe(0);
        },
      ),
    );
  });

  it('counts restored units at least as long as the original ones, and less than a part and a bucket longer', () => {
    const past = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 20 })));
    const bucketMs = 1000;
    fc.assert(
      fc.property(past, past, fc.integer({ min: 0, max: 2 * MINUTE }), (before, after, laterMs) => {
        const all: { atMs: number; units: number }[] = [];
        let now = START;
        const spend = ([ms, units]: [number, number]): void => void all.push({ atMs: (now += ms), units });
        before.forEach(spend);
        const window = new SlidingWindow(MINUTE);
        const buckets = all.map(({ atMs, units }) => ({
          untilMs: (Math.floor(atMs / bucketMs) + 1) * bucketMs,
          units,
        }));
        window.restore(now, buckets);
        for (const entry of after) {
          spend(entry);
          window.spend(now, entry[1]);
        }
        const at = now + laterMs;
        const counted = (graceMs: number): number =>
          all.reduce((sum, { atMs, units }) => sum + (at - atMs < MINUTE + graceMs ? units : 0), 0);
        const used = window.used(at);
        expect(used).toBeGreaterThanOrEqual(counted(0));
        expect(used).toBeLessThanOrEqual(counted(MINUTE / 60 + bucketMs));
      }),
    );
  });
});
