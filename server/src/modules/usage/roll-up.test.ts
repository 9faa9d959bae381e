import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketStart, rollUp } from './roll-up.js';

it('adds up to wider buckets without losing a count', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ startMs: fc.integer({ min: 0, max: 4e12 }), count: fc.integer({ min: 1, max: 9 }) }),
      ),
      (rows) => {
        const counts = rows.map((row) => ({
          ...row,
          apiKeyId: 'key_1',
          environment: 'PRODUCTION' as const,
          code: 'VALID' as const,
          units: row.count * 2,
        }));
        const sum = (list: readonly { count: number }[]) => list.reduce((total, row) => total + row.count, 0);
        for (const bucket of ['minute', 'hour', 'day'] as const) {
          const rolled = rollUp(counts, bucket);
          expect(sum(rolled)).toBe(sum(counts));
          expect(rolled.every(({ count, units }) => units === count * 2)).toBe(true);
          expect(new Set(rolled.map((row) => row.startMs)).size).toBe(rolled.length);
        }
      },
    ),
  );
});

it('begins buckets at whole minutes, hours and days of UTC', () => {
  const at = Date.parse('2027-03-01T12:34:56.789Z');
  const starts = (['MINUTE', 'HOUR', 'DAY'] as const).map((b) => new Date(bucketStart(at, b)).toISOString());
  expect(starts).toEqual([
    '2027-03-01T12:34:00.000Z',
    '2027-03-01T12:00:00.000Z',
    '2027-03-01T00:00:00.000Z',
  ]);
});
