import { DAY_MS } from '../../core/clock.js';

/** Widths of the buckets in which counts are stored. */
export type TimeBucket = 'MINUTE' | 'HOUR' | 'DAY';

/** Width of a bucket in milliseconds. */
export const BUCKET_MS: Readonly<Record<TimeBucket, number>> = {
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: DAY_MS,
};

/** Start of the bucket that contains an instant; buckets start at whole minutes, hours and days in UTC. */
export const bucketStart = (atMs: number, bucket: TimeBucket): number =>
  Math.floor(atMs / BUCKET_MS[bucket]) * BUCKET_MS[bucket];
