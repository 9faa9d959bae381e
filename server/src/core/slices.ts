import { setImmediate as turn } from 'node:timers/promises';

/** So many items are looked at before others get their turn: a few milliseconds of work. */
const SLICE = 100;

/** The items one by one, with a turn of the event loop between slices of them, so that long lists keep nobody waiting. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    if (count > 0 && count % SLICE === 0) await turn();
    count += 1;
    yield item;
  }
}

/** The items for an answer, so that others get their turn between slices of them when what is asked of each is worked out. */
export function spreadOut<T>(items: readonly T[]): (T | Promise<T>)[] {
  let slice = Promise.resolve();
  return items.map((item, i) => {
    if (i < SLICE) return item;
    if (i % SLICE === 0) slice = slice.then(() => turn());
    return slice.then(() => item);
  });
}
