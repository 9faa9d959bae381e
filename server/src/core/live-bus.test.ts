import { describe, expect, it } from 'vitest';
import { LiveBus } from './live-bus.js';

describe('the live bus', () => {
  it('delivers to each subscriber the values that its select function returns, in order', async () => {
    const bus = new LiveBus();
    const all = bus.subscribe('numbers');
    const even = bus.subscribe('numbers', (n: unknown) => (Number(n) % 2 === 0 ? [n, n] : []));
    for (const n of [1, 2]) bus.publish('numbers', n);
    bus.publish('others', 9);
    expect([(await all.next()).value, (await all.next()).value]).toEqual([1, 2]);
    expect([(await even.next()).value, (await even.next()).value]).toEqual([2, 2]);
  });

  it('wakes a waiting reader and ends it when it stops', async () => {
    const bus = new LiveBus();
    const reader = bus.subscribe('t');
    const first = reader.next();
    bus.publish('t', 'now');
    expect(await first).toEqual({ value: 'now', done: false });
    const last = reader.next();
    await reader.return!();
    expect((await last).done).toBe(true);
    expect(bus.hasSubscribers('t')).toBe(false);
  });

  it('drops only the reader that falls too far behind', async () => {
    const bus = new LiveBus();
    const slow = bus.subscribe('t');
    const quick = bus.subscribe('t');
    for (let i = 0; i < 1500; i++) {
      bus.publish('t', i);
      expect((await quick.next()).value).toBe(i);
    }
    let read = 0;
    while (!(await slow.next()).done) read++;
    expect(read).toBeLessThanOrEqual(1001);
    expect(bus.hasSubscribers('t')).toBe(true);
  });
});
