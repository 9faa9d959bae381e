/** Why signing in through the identity provider led back to `/sign-in?problem=…`, each with a sentence for the person. */
export const SIGN_IN_PROBLEMS = {
  CANCELLED: 'The sign-in was cancelled at the identity provider.',
  EXPIRED: 'This sign-in took too long, or was used before. Start again.',
  PROVIDER_UNAVAILABLE: 'The identity provider does not answer at the moment. Try again shortly.',
  PROVIDER_FAILED: 'The answer of the identity provider could not be accepted. Tell an administrator.',
  NO_ACCESS: 'You have no access here. Ask an administrator for it.',
  EMAIL_MISSING: 'The identity provider told no e-mail address that can be used. Tell an administrator.',
  EMAIL_UNVERIFIED:
    'An account with your e-mail address exists, but the identity provider has not verified that the address is yours.',
  IDENTITY_CONFLICT:
    'The account with your e-mail address belongs to another identity at the identity provider. Tell an administrator.',
  USER_DISABLED: 'This account is disabled. Ask an administrator.',
  SETUP_REQUIRED: 'This installation has no owner yet. The one-time set-up link makes the first one.',
  UNAVAILABLE: 'The database does not answer at the moment. Try again shortly.',
  INTERNAL: 'Something went wrong here. Try again later.',
} as const;

/** The code of a sign-in that led nowhere. */
export type SignInProblem = keyof typeof SIGN_IN_PROBLEMS;
