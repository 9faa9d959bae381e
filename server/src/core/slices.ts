import { setImmediate as turn } from 'node:timers/promises';

/** Items per turn of the event loop: a few milliseconds of work. */
const SLICE = 100;

/** Yields the items one by one and yields to the event loop between slices, so that long lists do not block it. */
export async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    if (count > 0 && count % SLICE === 0) await turn();
    count += 1;
    yield item;
  }
}

/** The items for an answer, as promises that let the event loop turn between slices while GraphQL resolves their fields. */
export function spreadOut<T>(items: readonly T[]): (T | Promise<T>)[] {
  let slice = Promise.resolve();
  return items.map((item, i) => {
    if (i < SLICE) return item;
    if (i % SLICE === 0) slice = slice.then(() => turn());
    return slice.then(() => item);
  });
}
