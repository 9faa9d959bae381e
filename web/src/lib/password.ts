/** Minimum length of a password, in characters. */
export const MINIMUM_PASSWORD = 12;

/** Why a password is not acceptable; null if it passes the checks done in the browser. */
export function passwordProblem(password: string): string | null {
  return [...password].length < MINIMUM_PASSWORD ? `Use at least ${MINIMUM_PASSWORD} characters.` : null;
}
