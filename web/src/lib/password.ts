import { MIN_PASSWORD } from '@keywright/schema/bounds';

/** Why a password is not acceptable; null if it passes the checks done in the browser. */
export function passwordProblem(password: string): string | null {
  return [...password].length < MIN_PASSWORD ? `Use at least ${MIN_PASSWORD} characters.` : null;
}
