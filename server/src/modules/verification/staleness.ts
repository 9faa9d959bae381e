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
}

/**
 * Whether the state may still decide: up to 5 s old while the database answers, since then a poll should have succeeded;
 * up to `maxStalenessMs` when it cannot be reached.
 */
export function isFresh(state: SyncState, nowMs: number, maxStalenessMs: number): boolean {
  const ageMs = nowMs - state.syncedAtMs;
  if (ageMs <= MAX_AGE_MS) return true;
  const answers =
    nowMs - state.answeredAtMs <= MAX_AGE_MS && state.answeredAtMs - state.syncedAtMs > ANSWERED_SINCE_MS;
  return !answers && ageMs <= maxStalenessMs;
}

/** Whether an error came from a database that is up and answers, and not from one that is away, starting or stopping. */
export function isAnswer(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|53|57|E)/.test(code);
}
