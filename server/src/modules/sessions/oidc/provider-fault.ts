import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { logLine } from '../../../core/redact.js';
import { SignInRefused } from './sign-in-refused.js';

const MAX_NOTE = 400;

/** What the provider said, for the log alone: it may be anything. */
const said = (error: { error: string; error_description?: string | undefined }): string =>
  error.error_description ? `${error.error}: ${error.error_description}` : error.error;

const statusOf = (error: Error): number | undefined =>
  error.cause instanceof Response ? error.cause.status : undefined;

/** The message of an error and of what caused it. */
function chainOf(error: Error): string {
  const status = statusOf(error);
  if (status !== undefined) return `${error.message} (${status})`;
  return error.cause instanceof Error ? `${error.message} (${chainOf(error.cause)})` : error.message;
}

const refused = (code: SignInRefused['code'], note: string): SignInRefused =>
  new SignInRefused(code, logLine(`The identity provider: ${note}`, MAX_NOTE) ?? undefined);

/** Whether the provider could not be reached, or was not itself. */
const isAway = (error: Error): boolean =>
  // What fetch throws when there is no answer; its other TypeErrors have no cause.
  (error instanceof TypeError && error.cause !== undefined) ||
  (error instanceof ClientError && (error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT')) ||
  (statusOf(error) ?? 0) >= 500;

/** Whatever went wrong while talking to the provider, as a refusal; a fault of our own comes back as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof AuthorizationResponseError) {
    if (error.error === 'access_denied') return new SignInRefused('denied');
    const away = error.error === 'temporarily_unavailable' || error.error === 'server_error';
    return refused(away ? 'provider_unavailable' : 'failed', said(error));
  }
  if (error instanceof ResponseBodyError) {
    // A code that was used before, or too late: nothing that an operator could do about.
    if (error.error === 'invalid_grant') return new SignInRefused('expired');
    return refused(error.status >= 500 ? 'provider_unavailable' : 'failed', said(error));
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const why = error.cause.map(({ parameters }) => parameters.error).find((code) => code !== undefined);
    return refused('failed', `refused with ${error.status} ${why ?? ''}`);
  }
  if (!(error instanceof Error)) return error;
  if (isAway(error)) return refused('provider_unavailable', chainOf(error));
  return error instanceof ClientError ? refused('failed', chainOf(error)) : error;
}
