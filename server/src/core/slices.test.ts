import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inSlices, spreadOut } from './slices.js';

/** The result of work, and the number of event loop turns meanwhile. */
async function withTurns<T>(work: () => Promise<T>): Promise<{ value: T; turns: number }> {
  const counted = { turns: 0, done: false };
  const others = (async () => {
    while (!counted.done) {
      await turn();
      counted.turns += 1;
    }
  })();
  const value = await work();
  counted.done = true;
  await others;
  return { value, turns: counted.turns };
}

const ITEMS = Array.from({ length: 1000 }, (_, i) => i);

describe('long lists', () => {
  it('are iterated with turns of the event loop between slices', async () => {
    const { value, turns } = await withTurns(async () => {
      const seen: number[] = [];
      for await (const item of inSlices(ITEMS)) seen.push(item);
      return seen;
    });
    expect(value).toEqual(ITEMS);
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it('are resolved slice by slice, in order', async () => {
    const { value, turns } = await withTurns(() => Promise.all(spreadOut(ITEMS)));
    expect(value).toEqual(ITEMS);
    expect(turns).toBeGreaterThanOrEqual(9);
    expect(spreadOut([1, 2])).toEqual([1, 2]);
    expect(spreadOut([])).toEqual([]);
  });
});
