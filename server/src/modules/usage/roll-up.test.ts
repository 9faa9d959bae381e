import { expect, it } from 'vitest';
import { bucketStart } from './roll-up.js';

it('starts buckets at whole minutes, hours and days in UTC', () => {
  const at = Date.parse('2027-03-01T12:34:56.789Z');
  const starts = (['MINUTE', 'HOUR', 'DAY'] as const).map((b) => new Date(bucketStart(at, b)).toISOString());
  expect(starts).toEqual([
    '2027-03-01T12:34:00.000Z',
    '2027-03-01T12:00:00.000Z',
    '2027-03-01T00:00:00.000Z',
  ]);
});
