import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowBudget } from './row-budget.js';
import type { Sampled } from './usage-event.js';

let nowMs = 0;
const clock = { now: () => nowMs };
const fresh = (): Sampled => ({ leftOut: 1_000_000 });

describe('the row budget', () => {
  it('keeps every row while they are few', () => {
    const budget = new RowBudget(100, clock);
    const key = fresh();
    for (let i = 0; i < 100; i++) expect(budget.admit(i % 2 === 0, key)).toBe(true);
  });

  it('never keeps more per second, whatever the load', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.nat(3), fc.nat(400)), { maxLength: 400 }),
        fc.nat(20),
        (events, rows) => {
          nowMs = 0;
          const budget = new RowBudget(rows, clock);
          const keys = [fresh(), fresh(), fresh(), null];
          const kept = new Map<number, number>();
          for (const [refused, key, pause] of events) {
            nowMs += pause;
            const second = Math.floor(nowMs / 1000);
            if (budget.admit(refused, keys[key]!)) kept.set(second, (kept.get(second) ?? 0) + 1);
          }
          for (const count of kept.values()) expect(count).toBeLessThanOrEqual(rows);
        },
      ),
    );
  });

  it('prefers rejections to accepted requests, and keeps about the same number for each key', () => {
    nowMs = 0;
    const budget = new RowBudget(100, clock);
    const busy = fresh();
    const quiet = fresh();
    const kept = { refused: 0, busy: 0, quiet: 0 };
    for (let second = 0; second < 20; second++) {
      for (let i = 0; i < 1000; i++) {
        nowMs = second * 1000 + i;
        const settled = second >= 2;
        if (i % 20 === 0) kept.refused += Number(budget.admit(true, null) && settled);
        kept.busy += Number(budget.admit(false, busy) && settled);
        if (i % 10 === 0) kept.quiet += Number(budget.admit(false, quiet) && settled);
      }
    }
    expect(kept.refused).toBe(18 * 50);
    expect(kept.busy / kept.quiet).toBeGreaterThan(7);
    expect(kept.busy / kept.quiet).toBeLessThan(13);
    expect(kept.busy + kept.quiet).toBeGreaterThan(18 * 30);
  });
});
