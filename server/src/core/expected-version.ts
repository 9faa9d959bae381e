import { AppError } from './errors.js';

/** The version that a caller saw; if absent, any version is changed. */
export type ExpectedVersion = number | null | undefined;

/** Rejects a change to something that changed since the caller saw it. Call it inside the transaction, with the row locked. Error: CONFLICT. */
export function requireVersion(currentVersion: number, expected: ExpectedVersion): void {
  if (expected == null || expected === currentVersion) return;
  throw new AppError(
    'CONFLICT',
    'Someone else has changed this since you opened it. Review the current version, then save again.',
    { currentVersion },
  );
}
