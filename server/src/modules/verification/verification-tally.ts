import { VERDICT_CODES, type VerdictCode } from '@keywright/schema/verdicts';

/** Upper bounds of the latency buckets, in microseconds. */
export const LATENCY_BOUNDS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000, 100_000] as const;

/** Counts verdicts and their latency since the start of the process, with one or two additions each. */
export class VerificationTally {
  private readonly codes = new Map<VerdictCode, number>(VERDICT_CODES.map((code) => [code, 0]));
  /** One more than the bounds: the last bucket has everything above. */
  private readonly buckets = new Float64Array(LATENCY_BOUNDS.length + 1);
  private microseconds = 0;

  count(code: VerdictCode, microseconds: number): void {
    this.codes.set(code, this.codes.get(code)! + 1);
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS.length && microseconds > LATENCY_BOUNDS[bucket]!) bucket++;
    this.buckets[bucket]! += 1;
    this.microseconds += microseconds;
  }

  /** Counts verdicts given elsewhere, whose latency is unknown. */
  countReported(code: VerdictCode, count: number): void {
    this.codes.set(code, this.codes.get(code)! + count);
  }

  /** Number of verdicts by code. */
  get byCode(): ReadonlyMap<VerdictCode, number> {
    return this.codes;
  }

  /** Latency of verifications: counts per bucket, not cumulative, and the sum in microseconds. */
  get latency(): { readonly buckets: readonly number[]; readonly sum: number } {
    return { buckets: [...this.buckets], sum: this.microseconds };
  }
}
