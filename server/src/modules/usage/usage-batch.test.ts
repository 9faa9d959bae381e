import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from './journal/event-codec.js';
import { UsageBatch } from './usage-batch.js';

const AT = Date.parse('2027-03-01T12:00:30Z');

const event = (over: Partial<JournalEvent> = {}): JournalEvent => ({
  atMs: AT,
  apiKeyId: 'key_1',
  touch: false,
  environment: 'PRODUCTION',
  code: 'VALID',
  usedPreviousSecret: false,
  units: 0,
  row: null,
  ...over,
});

describe('a usage batch', () => {
  it('counts by key, minute, environment and outcome, and sums the charged units', () => {
    const batch = new UsageBatch();
    batch.add(event({ units: 3 }));
    batch.add(event({ atMs: AT + 20_000, units: 4 }));
    batch.add(event({ atMs: AT + 40_000 }));
    batch.add(event({ code: 'KEY_NOT_FOUND', apiKeyId: '' }));
    const about = { environment: 'PRODUCTION', code: 'VALID' };
    expect([...batch.counts.values()]).toEqual([
      { apiKeyId: 'key_1', startMs: AT - 30_000, ...about, count: 2, units: 7 },
      { apiKeyId: 'key_1', startMs: AT + 30_000, ...about, count: 1, units: 0 },
      { ...about, apiKeyId: '', startMs: AT - 30_000, code: 'KEY_NOT_FOUND', count: 1, units: 0 },
    ]);
    expect([...batch.leftOut.values()]).toEqual([3, 1]);
  });

  it('keeps reported batches separate, and includes each once, when it is known to be new', () => {
    const [one, two] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    const send = (to: UsageBatch, batchId: string): void => {
      to.add(event({ reported: { batchId, first: true, count: 40 } }));
      to.add(event({ reported: { batchId, first: false, count: 2 }, code: 'RATE_LIMITED' }));
    };
    const batch = new UsageBatch();
    batch.add(event());
    for (const id of [one, two, one]) send(batch, id);
    batch.add(event());
    const countsOf = (each: UsageBatch): number[] => [...each.counts.values()].map(({ count }) => count);
    expect([...batch.reported.keys()]).toEqual([one, two]);
    expect(countsOf(batch)).toEqual([2]);
    for (const [ids, counts, left] of [
      [[], [2], 2],
      [[two], [42, 2], 44],
      [[one, two], [82, 4], 86],
    ] as const) {
      const all = batch.withReported(ids);
      expect(countsOf(all)).toEqual(counts);
      expect([...all.leftOut.values()]).toEqual([left]);
      expect(all.events).toBe(left);
    }
    // It can be read again if the write fails.
    expect(countsOf(batch)).toEqual([2]);
  });

  it('updates last-used only for proven keys, and separately for the previous secret', () => {
    const batch = new UsageBatch();
    batch.add(event({ apiKeyId: '' }));
    batch.add(event({ usedPreviousSecret: true }));
    batch.add(event({ atMs: AT + 5 }));
    batch.add(event({ apiKeyId: 'key_2', touch: true }));
    expect(Object.fromEntries(batch.lastUses)).toEqual({
      key_1: { atMs: AT + 5, previousAtMs: AT },
      key_2: { atMs: AT, previousAtMs: null },
    });
    expect([...batch.counts.values()].map(({ apiKeyId }) => apiKeyId)).toEqual(['', 'key_1']);
  });

  it('loses no count, however many counters there are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 60 }), (offsets) => {
        const batch = new UsageBatch(5);
        for (const offset of offsets) batch.add(event({ atMs: AT + offset }));
        const counts = [...batch.counts.values()];
        expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(offsets.length);
        expect(counts.length).toBeLessThanOrEqual(5 + 4);
      }),
    );
  });
});
