/** Why a single sign-on attempt was redirected to `/sign-in?problem=…`, each with a message for the user. */
export const SIGN_IN_PROBLEMS = {
  denied: 'The identity provider rejected your sign-in. Try again, or contact an administrator.',
  expired: 'This sign-in has expired, was already completed or was started in another browser. Start again.',
  provider_unavailable: 'The identity provider is not responding. Try again in a moment.',
  not_allowed:
    'Your account at the identity provider is not allowed to sign in here. Contact an administrator.',
  email_missing: 'The identity provider did not send a usable e-mail address. Contact an administrator.',
  email_unverified:
    'A user with your e-mail address exists, but the identity provider has not verified that the address is yours. Contact an administrator.',
  identity_conflict:
    'The user with your e-mail address is linked to another account at the identity provider. Contact an administrator.',
  disabled: 'Your account is disabled. Contact an administrator.',
  setup_required: 'This installation has no owner yet. Use the one-time set-up link to create the first one.',
  unavailable: 'The database is not responding. Try again shortly.',
  failed: 'Sign-in failed. Try again, or ask an administrator to check the server log.',
} as const;

/** The code of a failed single sign-on attempt. */
export type SignInProblem = keyof typeof SIGN_IN_PROBLEMS;
