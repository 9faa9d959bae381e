import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, emptyWindow, fits, usedOf, waitFor, type WindowState } from './sliding-window.js';

const MINUTE = 60_000;

const take = (state: WindowState, units: number): WindowState => ({
  ...state,
  current: state.current + units,
});

describe('a sliding window', () => {
  it('fades the previous bucket out in proportion to the time that passed', () => {
    const full = take(emptyWindow(MINUTE, 0), 100);
    expect(usedOf(advance(full, MINUTE, MINUTE), MINUTE, MINUTE)).toBe(100);
    expect(usedOf(advance(full, MINUTE, 1.25 * MINUTE), MINUTE, 1.25 * MINUTE)).toBe(75);
    expect(usedOf(advance(full, MINUTE, 2 * MINUTE), MINUTE, 2 * MINUTE)).toBe(0);
  });

  it('gives no fresh quota at the border of two buckets', () => {
    const full = take(emptyWindow(MINUTE, 0), 10);
    expect(fits(advance(full, MINUTE, MINUTE), MINUTE, 10, 1, MINUTE)).toBe(false);
  });

  it('gives no fresh quota when the clock steps back, and recovers within two windows', () => {
    const full = take(emptyWindow(MINUTE, 10 * MINUTE), 10);
    const back = advance(full, MINUTE, 3 * MINUTE);
    expect(fits(back, MINUTE, 10, 1, 3 * MINUTE)).toBe(false);
    expect(fits(advance(back, MINUTE, 5 * MINUTE), MINUTE, 10, 1, 5 * MINUTE)).toBe(true);
  });

  it('waits one whole window for a cost that can never fit', () => {
    expect(waitFor(emptyWindow(MINUTE, 0), MINUTE, 5, 6, 0)).toBe(MINUTE);
  });

  it('fits after the announced wait, and not before', () => {
    fc.assert(
      fc.property(
        fc.record({
          limit: fc.integer({ min: 1, max: 1000 }),
          previous: fc.integer({ min: 0, max: 1000 }),
          current: fc.integer({ min: 0, max: 1000 }),
          cost: fc.integer({ min: 1, max: 1000 }),
          now: fc.integer({ min: 0, max: MINUTE - 1 }),
        }),
        ({ limit, previous, current, cost, now }) => {
          fc.pre(cost <= limit && previous <= limit && current <= limit);
          const state = { startMs: 0, previous, current };
          const wait = waitFor(state, MINUTE, limit, cost, now);
          const then = now + Math.ceil(wait) + 1;
          expect(fits(advance(state, MINUTE, then), MINUTE, limit, cost, then)).toBe(true);
          if (wait > 2) {
            const early = now + Math.floor(wait) - 1;
            expect(fits(advance(state, MINUTE, early), MINUTE, limit, cost, early)).toBe(false);
          }
        },
      ),
    );
  });
});
