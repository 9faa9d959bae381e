import { AppError } from './errors.js';

/** The version that a caller saw; absent: whatever is there is changed. */
export type ExpectedVersion = number | null | undefined;

/** Refuses a change of something that changed since the caller saw it; ask inside the transaction, with the row locked. Error: CONFLICT. */
export function requireVersion(currentVersion: number, expected: ExpectedVersion): void {
  if (expected == null || expected === currentVersion) return;
  throw new AppError(
    'CONFLICT',
    'Somebody else has changed this since you opened it. Look at the current version, then save again.',
    { currentVersion },
  );
}
