/** How long a password has to be, in characters. */
export const MINIMUM_PASSWORD = 12;

/** Why a password cannot be chosen, or null when it can as far as one can see here. */
export function passwordProblem(password: string): string | null {
  return [...password].length < MINIMUM_PASSWORD ? `Use at least ${MINIMUM_PASSWORD} characters.` : null;
}
