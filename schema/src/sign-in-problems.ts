/** Why a single sign-on attempt was redirected to `/sign-in?problem=…`, each with a message for the user. */
export const SIGN_IN_PROBLEMS = {
  denied: 'The identity provider did not let you sign in.',
  expired: 'Signing in took too long, was done already, or was started in another browser. Start again.',
  provider_unavailable: 'The identity provider does not answer. Try again in a moment.',
  not_allowed: 'Your account at the identity provider may not sign in here. Ask an administrator.',
  email_missing: 'The identity provider told no e-mail address that can be used. Tell an administrator.',
  email_unverified:
    'A user with your e-mail address exists, but the identity provider has not verified that the address is yours.',
  identity_conflict:
    'The user with your e-mail address belongs to another account at the identity provider. Tell an administrator.',
  disabled: 'Your user is disabled. Ask an administrator.',
  setup_required: 'This installation has no owner yet. The one-time set-up link makes the first one.',
  unavailable: 'The database does not answer at the moment. Try again shortly.',
  failed: 'Signing in did not work. Try again, or ask an administrator to look into the log of the server.',
} as const;

/** The code of a failed single sign-on attempt. */
export type SignInProblem = keyof typeof SIGN_IN_PROBLEMS;
