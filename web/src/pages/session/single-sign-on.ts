import { safeNext } from '../../lib/safe-next.js';

/** Results of single sign-on, by the code in `?problem=`. */
const PROBLEMS: Record<string, string> = {
  provider_unavailable: "The identity provider isn't responding. Try again in a moment.",
  denied: 'The identity provider did not let you sign in.',
  not_allowed:
    "Your account at the identity provider can't sign in here. Ask an administrator for an invitation.",
  disabled: 'Your user is disabled. Ask an administrator.',
  expired: 'Signing in took too long, or was started in another browser. Try again.',
  failed: 'Sign-in failed. Try again, or ask an administrator to check the server log.',
};

/** The message about a single sign-on problem; empty if there was none. */
export function singleSignOnProblem(code: unknown): string {
  if (typeof code !== 'string' || !code) return '';
  return PROBLEMS[code] ?? PROBLEMS['failed']!;
}

/** The URL that starts sign-in at the identity provider. */
export function singleSignOnLink(next: unknown, basePath = '/'): string {
  return `${basePath}auth/oidc/start?next=${encodeURIComponent(safeNext(next))}`;
}
