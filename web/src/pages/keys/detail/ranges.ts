import type { TimeBucket } from '../../../gql/graphql.js';

/** The time ranges of the usage chart. */
export const RANGES = [
  { id: '1h', label: '1 h', spoken: 'the last hour', seconds: 3_600, bucket: 'MINUTE', bucketSeconds: 60 },
  {
    id: '24h',
    label: '24 h',
    spoken: 'the last 24 hours',
    seconds: 86_400,
    bucket: 'HOUR',
    bucketSeconds: 3_600,
  },
  {
    id: '7d',
    label: '7 d',
    spoken: 'the last 7 days',
    seconds: 604_800,
    bucket: 'HOUR',
    bucketSeconds: 3_600,
  },
  {
    id: '30d',
    label: '30 d',
    spoken: 'the last 30 days',
    seconds: 2_592_000,
    bucket: 'DAY',
    bucketSeconds: 86_400,
  },
] as const satisfies readonly {
  id: string;
  label: string;
  spoken: string;
  seconds: number;
  bucket: TimeBucket;
  bucketSeconds: number;
}[];

export type UsageRange = (typeof RANGES)[number];

/** One bar of the chart. */
export interface Bar {
  start: number;
  accepted: number;
  refused: number;
}

/** The start and end to query: whole buckets, including the current one. */
export function windowOf(range: UsageRange, now: number): { from: string; to: string } {
  const size = range.bucketSeconds * 1_000;
  const end = Math.floor(now / size) * size + size;
  return { from: new Date(end - range.seconds * 1_000).toISOString(), to: new Date(end).toISOString() };
}

/** One bar per bucket of the range, including empty ones. */
export function fillBars(
  points: readonly { start: string; accepted: number; refused: number }[],
  range: UsageRange,
  window: { from: string; to: string },
): Bar[] {
  const size = range.bucketSeconds * 1_000;
  const known = new Map(points.map((point) => [Math.floor(Date.parse(point.start) / size), point]));
  const bars: Bar[] = [];
  for (let start = Date.parse(window.from); start < Date.parse(window.to); start += size) {
    const point = known.get(Math.floor(start / size));
    bars.push({ start, accepted: point?.accepted ?? 0, refused: point?.refused ?? 0 });
  }
  return bars;
}
