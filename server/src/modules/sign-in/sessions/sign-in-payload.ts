import type { SessionRequestContext } from './session-context.js';
import type { SignInPayload } from './session.type.js';
import type { SignInOutcome } from './sign-in.js';

/** The result of a sign-in; also stores a session in the browser's cookie. */
export function payloadOf(outcome: SignInOutcome, context: SessionRequestContext): SignInPayload {
  if ('challenge' in outcome) {
    return { session: null, twoFactorRequired: true, challenge: outcome.challenge };
  }
  const { session } = outcome;
  context.cookies.set(session.token, session.expiresAt);
  context.device.remember(session.user.email);
  return { session, twoFactorRequired: false, challenge: null };
}
