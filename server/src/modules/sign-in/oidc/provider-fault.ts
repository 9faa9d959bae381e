import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { logLine } from '../../../core/redact.js';
import { SignInRefused } from './sign-in-refused.js';

const MAX_NOTE = 400;

/** The provider's error message, for the log only: it can contain anything. */
const said = (error: { error: string; error_description?: string | undefined }): string =>
  error.error_description ? `${error.error}: ${error.error_description}` : error.error;

const statusOf = (error: Error): number | undefined =>
  error.cause instanceof Response ? error.cause.status : undefined;

/** The messages of an error and its causes. */
function chainOf(error: Error): string {
  const status = statusOf(error);
  if (status !== undefined) return `${error.message} (${status})`;
  return error.cause instanceof Error ? `${error.message} (${chainOf(error.cause)})` : error.message;
}

const refused = (code: SignInRefused['code'], note: string): SignInRefused =>
  new SignInRefused(code, logLine(`The identity provider: ${note}`, MAX_NOTE) ?? undefined);

/** Whether the provider was unreachable or sent something unexpected. */
const isAway = (error: Error): boolean =>
  // fetch throws this if there is no response; its other TypeErrors have no cause.
  (error instanceof TypeError && error.cause !== undefined) ||
  (error instanceof ClientError && (error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT')) ||
  (statusOf(error) ?? 0) >= 500;

/** Converts an error of the exchange with the provider to a rejection; returns faults of our own unchanged. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof AuthorizationResponseError) {
    if (error.error === 'access_denied') return new SignInRefused('denied');
    const away = error.error === 'temporarily_unavailable' || error.error === 'server_error';
    return refused(away ? 'provider_unavailable' : 'failed', said(error));
  }
  if (error instanceof ResponseBodyError) {
    // The code was already used or has expired: nothing that an operator could fix.
    if (error.error === 'invalid_grant') return new SignInRefused('expired');
    return refused(error.status >= 500 ? 'provider_unavailable' : 'failed', said(error));
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const why = error.cause.map(({ parameters }) => parameters.error).find((code) => code !== undefined);
    return refused('failed', `rejected with ${error.status} ${why ?? ''}`);
  }
  if (!(error instanceof Error)) return error;
  if (isAway(error)) return refused('provider_unavailable', chainOf(error));
  return error instanceof ClientError ? refused('failed', chainOf(error)) : error;
}
