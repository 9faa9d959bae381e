import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

const LONG_MS = 600_000;
const holder = (callerId: string, customerId: string | null = null) => ({ callerId, customerId });
const turns = (bounds: object = {}): Turns =>
  new Turns({ perCaller: 10, perCustomer: 15, waiting: 3, waitMs: LONG_MS, ...bounds });

/** Takes a turn and tracks its `state`. */
function take(
  of: Turns,
  callerId: string,
  cost: number,
  customerId: string | null = null,
  gone?: AbortSignal,
) {
  const taken = { state: 'WAITS', end: (): void => undefined };
  void of.take(holder(callerId, customerId), cost, gone).then(
    (end) => Object.assign(taken, { state: 'UNDER WAY', end }),
    (error: { code: string }) => (taken.state = error.code),
  );
  return taken;
}
const states = async (all: readonly { readonly state: string }[]): Promise<string[]> => {
  await sleep(0);
  return all.map(({ state }) => state);
};

describe('turns', () => {
  it('limit the concurrent cost of one caller only', async () => {
    const all = turns();
    const taken = [take(all, 'a', 6), take(all, 'a', 4), take(all, 'a', 1), take(all, 'b', 10)];
    expect(await states(taken)).toEqual(['UNDER WAY', 'UNDER WAY', 'WAITS', 'UNDER WAY']);
    taken[1]!.end();
    expect(await states(taken)).toEqual(['UNDER WAY', 'UNDER WAY', 'UNDER WAY', 'UNDER WAY']);
  });

  it('limit the concurrent cost of all callers of one customer', async () => {
    const all = turns();
    const taken = [
      take(all, 'a', 9, 'x'),
      take(all, 'b', 9, 'x'),
      take(all, 'c', 9, 'y'),
      take(all, 'd', 6, 'x'),
    ];
    expect(await states(taken)).toEqual(['UNDER WAY', 'WAITS', 'UNDER WAY', 'UNDER WAY']);
    taken[0]!.end();
    expect(await states(taken)).toEqual(['UNDER WAY', 'UNDER WAY', 'UNDER WAY', 'UNDER WAY']);
  });

  it('admit work above the limit if it runs alone', async () => {
    const all = turns();
    const taken = [take(all, 'a', 100), take(all, 'a', 1), take(all, 'b', 1)];
    expect(await states(taken)).toEqual(['UNDER WAY', 'WAITS', 'UNDER WAY']);
    taken[0]!.end();
    expect(await states(taken)).toEqual(['UNDER WAY', 'UNDER WAY', 'UNDER WAY']);
  });

  it('come in order, so that small work does not overtake large work', async () => {
    const all = turns();
    const taken = [take(all, 'a', 6), take(all, 'a', 8), take(all, 'a', 1)];
    expect(await states(taken)).toEqual(['UNDER WAY', 'WAITS', 'WAITS']);
    taken[0]!.end();
    expect(await states(taken)).toEqual(['UNDER WAY', 'UNDER WAY', 'UNDER WAY']);
  });

  it('are rejected when too many wait, or when they do not come in time', async () => {
    const all = turns();
    const taken = [10, 1, 1, 1, 1].map((cost) => take(all, 'a', cost));
    expect(await states(taken)).toEqual(['UNDER WAY', 'WAITS', 'WAITS', 'WAITS', 'TOO_MANY_ATTEMPTS']);
    const hasty = turns({ waitMs: 0 });
    const late = [take(hasty, 'a', 10), take(hasty, 'a', 1)];
    await sleep(20);
    expect(await states(late)).toEqual(['UNDER WAY', 'TOO_MANY_ATTEMPTS']);
    late[0]!.end();
    const next = [take(hasty, 'a', 10)];
    expect(await states(next)).toEqual(['UNDER WAY']);
  });

  it('are not kept for callers that have gone away', async () => {
    const all = turns();
    const gone = new AbortController();
    const taken = [take(all, 'a', 6), take(all, 'a', 8, null, gone.signal), take(all, 'a', 1)];
    expect(await states(taken)).toEqual(['UNDER WAY', 'WAITS', 'WAITS']);
    gone.abort();
    expect(await states(taken)).toEqual(['UNDER WAY', 'TOO_MANY_ATTEMPTS', 'UNDER WAY']);
    const back = take(all, 'a', 8, null, gone.signal);
    expect(await states([back])).toEqual(['TOO_MANY_ATTEMPTS']);
  });

  it('end only once, even if ended repeatedly', async () => {
    const all = turns();
    for (let i = 0; i < 20; i++) {
      const taken = take(all, 'a', 10, 'x');
      expect(await states([taken])).toEqual(['UNDER WAY']);
      taken.end();
      taken.end();
    }
    expect(await states([take(all, 'a', 10), take(all, 'a', 1)])).toEqual(['UNDER WAY', 'WAITS']);
  });
});
