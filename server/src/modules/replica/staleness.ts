import { NoSessionError } from '../../core/no-session-error.js';

/** Maximum age of a state that decides while the database answers. */
const MAX_AGE_MS = 5000;

/**
 * How much younger than the state an answer must be to show that the database was reachable and a poll still failed.
 * Polls run every second; an answer shortly before the database became unreachable says nothing.
 */
const ANSWERED_SINCE_MS = 2500;

/** What is known about the age of the key index, in milliseconds of a monotonic clock. */
export interface SyncState {
  /** Start of the last successful poll. */
  readonly syncedAtMs: number;
  /** When the database last answered anything, including errors. */
  readonly answeredAtMs: number;
  /** Whether a change was announced that could not be read. */
  readonly missed: boolean;
}

/**
 * Whether the state is fresh enough to decide: up to 5 s old if the database answers, since a poll should have
 * succeeded by then, or if an announced change is missing; up to `maxStalenessMs` if the database cannot be reached
 * or read.
 */
export function isFresh(state: SyncState, nowMs: number, maxStalenessMs: number): boolean {
  const ageMs = nowMs - state.syncedAtMs;
  if (ageMs <= MAX_AGE_MS) return true;
  const answers =
    nowMs - state.answeredAtMs <= MAX_AGE_MS && state.answeredAtMs - state.syncedAtMs > ANSWERED_SINCE_MS;
  return !answers && !state.missed && ageMs <= maxStalenessMs;
}

/**
 * What a failed poll shows about the database: it answered, so other processes can be changing keys; it is
 * unreadable, since it accepts no session or cannot access its data; or it is silent, as with a late answer.
 */
export type PollFailure = 'ANSWERED' | 'UNREADABLE' | 'SILENT';

/**
 * SQLSTATEs of rejected and lost sessions, including those of poolers, and of a server that lacks resources or disk,
 * or is stopping or starting.
 */
const UNREADABLE = /^(?:08...|28...|3D...|53[0-3]..|57P..|580..)$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Statements canceled on timeout, and socket errors that look like an SQLSTATE. */
const NO_ANSWER = /^(?:57|E)/;

/** Classifies the error of a poll. */
export function failureOf(error: unknown): PollFailure {
  if (error instanceof NoSessionError) return 'UNREADABLE';
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return 'SILENT';
  const { code } = error;
  // Poolers end a session with any SQLSTATE once the server has rejected them.
  if (UNREADABLE.test(code) || ('severity' in error && error.severity === 'FATAL')) return 'UNREADABLE';
  return SQLSTATE.test(code) && !NO_ANSWER.test(code) ? 'ANSWERED' : 'SILENT';
}
