import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Environment } from '../keys/token.js';
import type { RequestLog } from '../request-logs/request-log.js';

/** What the request log keeps of a verification beside what is counted. */
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

/** Who is sampled evenly when there are more verifications than rows for the log: how many of this one's were left out since its last row. */
export interface Sampled {
  leftOut: number;
}

/** A key whose calls to Keywright itself are counted, with what is not written of them yet. */
export interface CountedCaller {
  readonly id: string;
  unwrittenUses: number;
  lastUseAtMs: number;
}

/** One verification that was answered. */
export interface VerificationNote {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly environment: Environment;
  readonly code: VerdictCode;
  /** Empty: no key was proven. */
  readonly apiKeyId: string;
  /** Whether it was the previous secret that was proven. */
  readonly usedPreviousSecret: boolean;
  /** What quotas and long windows were charged; 0 when the key has none. */
  readonly units: number;
  /** The key that it counts for in the sample; null when none was proven. */
  readonly sampled: Sampled | null;
  /** Its row for the log, with texts as they came from outside; made only when it is kept. */
  readonly row: () => RowDetails;
}

/** Verifications that are alike, and were decided elsewhere. */
export interface ReportedUse extends Omit<VerificationNote, 'units' | 'row'> {
  readonly count: number;
  /** Some of them in detail. */
  readonly rows: readonly { readonly atMs: number; readonly row: RowDetails }[];
}

/** Takes note of verifications. Never throws, and never waits for the database. */
export interface VerificationRecorder {
  /** Counts a verification, and logs it as far as the budget of rows goes. */
  record(note: VerificationNote): void;
  /** Counts a call of a key to Keywright itself, which has no row: what it asks about has one. */
  use(caller: CountedCaller, atMs: number, usedPreviousSecret: boolean, units: number): void;
  /** Moves last-used of a key without counting it but for its limits; negative `units` were given back. */
  touch(apiKeyId: string, atMs: number, units: number): void;
  /**
   * Counts verifications that were decided elsewhere, and logs them as far as the budget of rows goes. All of them count
   * together, and once, however often a batch of this id (a UUID in lower case) is told, and to whichever process.
   */
  report(batchId: string, uses: readonly ReportedUse[]): void;
  /** Calls back once everything that was recorded before is safe from an end of the process; then answers may go out. */
  whenSafe(callback: () => void): void;
}
