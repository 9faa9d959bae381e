import { NoSessionError } from '../../core/no-session-error.js';

/** Oldest state that decides while the database answers. */
const MAX_AGE_MS = 5000;

/**
 * By how much an answer must be younger than the state to say that the database was there and a poll failed all the same.
 * Polls run each second; an answer to something else shortly before the database went away says nothing.
 */
const ANSWERED_SINCE_MS = 2500;

/** What is known about the age of the key index, in milliseconds of a monotonic clock. */
export interface SyncState {
  /** Start of the last poll that succeeded. */
  readonly syncedAtMs: number;
  /** When the database last answered anything, an error included. */
  readonly answeredAtMs: number;
  /** Whether a change was heard of that could not be read. */
  readonly missed: boolean;
}

/**
 * Whether the state may still decide: up to 5 s old while the database answers, since then a poll should have succeeded, or
 * when a change is missing in it; up to `maxStalenessMs` when the database cannot be reached or read.
 */
export function isFresh(state: SyncState, nowMs: number, maxStalenessMs: number): boolean {
  const ageMs = nowMs - state.syncedAtMs;
  if (ageMs <= MAX_AGE_MS) return true;
  const answers =
    nowMs - state.answeredAtMs <= MAX_AGE_MS && state.answeredAtMs - state.syncedAtMs > ANSWERED_SINCE_MS;
  return !answers && !state.missed && ageMs <= maxStalenessMs;
}

/**
 * What a failed poll says of the database: it answered, so that others may be changing keys; it cannot be read, as no session
 * can be had or it does not get at its own data; or nothing, as when an answer is late.
 */
export type PollFailure = 'ANSWERED' | 'UNREADABLE' | 'SILENT';

/** SQLSTATEs of refused and lost sessions, of a pooler too, and of a server without resources or a disk, or that stops or starts. */
const UNREADABLE = /^(?:08...|28...|3D...|53[0-3]..|57P..|580..)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Statements that were cancelled for time, and socket faults that look like a SQLSTATE. */
const NO_ANSWER = /^(?:57|E)/;

/** Reads the error of a poll. */
export function failureOf(error: unknown): PollFailure {
  if (error instanceof NoSessionError) return 'UNREADABLE';
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return 'SILENT';
  const { code } = error;
  // Poolers end a session with any SQLSTATE once the server has refused them.
  if (UNREADABLE.test(code) || ('severity' in error && error.severity === 'FATAL')) return 'UNREADABLE';
  return SQLSTATE.test(code) && !NO_ANSWER.test(code) ? 'ANSWERED' : 'SILENT';
}
