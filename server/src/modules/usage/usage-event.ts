import type { RequestLog } from '../request-logs/request-log.js';

/** One verification that was answered: the row for the log, and what the counters need beside it. */
export interface UsageEvent extends RequestLog {
  /** Whether it was the previous secret that was proven. */
  readonly usedPreviousSecret: boolean;
}

/** Takes note of verifications. Never throws and never waits for the database. */
export interface VerificationRecorder {
  /** Counts and logs a verification. */
  record(event: UsageEvent): void | Promise<void>;
  /** Moves last-used of a key that authenticated a call of its own to Keywright, without counting it. */
  touch(apiKeyId: string, atMs: number): void | Promise<void>;
}
