import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Environment } from '@keywright/schema/environment';
import type { RequestLog } from '../request-logs/request-log.js';

/** What the request log stores of a verification, in addition to what is counted. */
export type RowDetails = Pick<
  RequestLog,
  | 'id'
  | 'maskedSecret'
  | 'status'
  | 'method'
  | 'path'
  | 'permission'
  | 'scopeId'
  | 'ip'
  | 'userAgent'
  | 'latencyMicroseconds'
>;

/**
 * The subject of even sampling when there are more verifications than rows: counts verifications without a row since
 * its last one.
 */
export interface Sampled {
  leftOut: number;
}

/** A key whose calls to Keywright itself are counted, with the calls not yet written. */
export interface CountedCaller {
  readonly id: string;
  unwrittenUses: number;
  lastUseAtMs: number;
}

/** One answered verification. */
export interface VerificationNote {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly environment: Environment;
  readonly code: VerdictCode;
  /** Empty if no key was proven. */
  readonly apiKeyId: string;
  /** Whether the previous secret was proven. */
  readonly usedPreviousSecret: boolean;
  /** Units charged to quotas and long windows; 0 if the key has none. */
  readonly units: number;
  /** The key to sample by; null if none was proven. */
  readonly sampled: Sampled | null;
  /** Its row for the log, with unsanitized texts; only built if it is kept. */
  readonly row: () => RowDetails;
}

/** Identical verifications that were decided by a local verifier. */
export interface ReportedUse extends Omit<VerificationNote, 'units' | 'row'> {
  readonly count: number;
  /** Some of them in detail. */
  readonly rows: readonly { readonly atMs: number; readonly row: RowDetails }[];
}

/** Records verifications. Never throws, and never waits for the database. */
export interface VerificationRecorder {
  /** Counts a verification, and logs it if the row budget allows. */
  record(note: VerificationNote): void;
  /** Counts a call of a key to Keywright itself, which has no row: the verification that it requests has one. */
  use(caller: CountedCaller, atMs: number, usedPreviousSecret: boolean, units: number): void;
  /** Updates last-used of a key without counting it except for its limits; negative `units` were returned. */
  touch(apiKeyId: string, atMs: number, units: number): void;
  /**
   * Counts verifications decided by a local verifier, and logs them as far as the row budget allows. They count
   * together, and once, however often a batch with this id (a lowercase UUID) is reported and to whichever process.
   */
  report(batchId: string, uses: readonly ReportedUse[]): void;
  /** Calls back once everything recorded before would survive the end of the process; answers can then be sent. */
  whenSafe(callback: () => void): void;
}
