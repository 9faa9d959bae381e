import type { VerdictCode } from '@keywright/schema/verdicts';
import { badInput } from '../../core/errors.js';
import type { Environment } from '@keywright/schema/environment';
import { BUCKET_MS, bucketStart, type TimeBucket } from './roll-up.js';

/** Counts by outcome. */
export type CodeCounts = ReadonlyMap<VerdictCode, number>;

/** Counts as they are shown. */
export interface UsageTotals {
  readonly total: number;
  readonly accepted: number;
  readonly refused: number;
  readonly byCode: readonly { readonly code: VerdictCode; readonly count: number }[];
}

/** Counts of one bucket. */
export interface UsagePoint extends UsageTotals {
  readonly start: Date;
}

/** A time range in buckets. */
export interface UsageRange {
  /** Start of the first bucket. */
  readonly fromMs: number;
  /** End of the last bucket. */
  readonly toMs: number;
  readonly bucket: TimeBucket;
}

/** Which verifications to count. */
export interface UsageFilter {
  /** Null for all, including those without a proven key; an empty list for none. */
  readonly apiKeyIds: readonly string[] | null;
  readonly environment: Environment | null;
}

/** Maximum number of points of a chart. */
export const MAX_POINTS = 1000;

const EARLIEST_MS = Date.parse('2000-01-01T00:00:00Z');
const LATEST_MS = Date.parse('2200-01-01T00:00:00Z');

/** Checks a time range; error: BAD_USER_INPUT if it is reversed, empty, or outside the years 2000 to 2199. */
export function checkRange(from: Date, to: Date): void {
  const faults: { path: string; message: string }[] = [];
  for (const [path, date] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (!(date.getTime() >= EARLIEST_MS && date.getTime() <= LATEST_MS)) {
      faults.push({ path, message: 'This must be in the years 2000 to 2199.' });
    }
  }
  if (faults.length === 0 && from >= to)
    faults.push({ path: 'to', message: 'The end must be after the start.' });
  if (faults.length > 0) throw badInput(faults);
}

/** Widens a time range to whole buckets. */
export const wholeBuckets = (from: Date, to: Date, bucket: TimeBucket): UsageRange => ({
  fromMs: bucketStart(from.getTime(), bucket),
  toMs: bucketStart(to.getTime() - 1, bucket) + BUCKET_MS[bucket],
  bucket,
});

/** Widens a time range to whole buckets for a chart; errors: those of {@link checkRange}, and more than 1,000 buckets. */
export function toRange(from: Date, to: Date, bucket: TimeBucket): UsageRange {
  checkRange(from, to);
  const range = wholeBuckets(from, to, bucket);
  if ((range.toMs - range.fromMs) / BUCKET_MS[bucket] > MAX_POINTS) {
    throw badInput([
      {
        path: 'bucket',
        message: `This would be more than ${MAX_POINTS} points. Request larger buckets or a shorter time range.`,
      },
    ]);
  }
  return range;
}

/** Sums counts by outcome: accepted is VALID, refused is the rest; most frequent outcome first. */
export function totalsOf(counts: CodeCounts): UsageTotals {
  const accepted = counts.get('VALID') ?? 0;
  const byCode = [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count);
  const total = byCode.reduce((sum, { count }) => sum + count, 0);
  return { total, accepted, refused: total - accepted, byCode };
}

/** One point for every bucket of the range; zero for buckets without counts. */
export function fillPoints(range: UsageRange, counts: ReadonlyMap<number, CodeCounts>): UsagePoint[] {
  const points: UsagePoint[] = [];
  for (let startMs = range.fromMs; startMs < range.toMs; startMs += BUCKET_MS[range.bucket]) {
    points.push({ start: new Date(startMs), ...totalsOf(counts.get(startMs) ?? new Map()) });
  }
  return points;
}
