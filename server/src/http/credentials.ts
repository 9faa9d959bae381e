import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { bearerTokenOf } from '../core/bearer.js';
import { AppError } from '../core/errors.js';
import type { SessionCookie } from './session-cookie.js';

/** The credential of a request to the management API. */
export type ManagementCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'cookie' | 'bearer'; readonly token: string }
  | { readonly kind: 'key' };

const ONE_TOKEN = /^[^\s,]+$/;
const KEY_SHAPED = /^[a-z][a-z0-9]{0,15}_(?:live|stag|dev)_/i;

const refuse = (message: string): AppError => new AppError('UNAUTHENTICATED', message);

const several = (): AppError => refuse('The request carries more than one credential. Send exactly one.');

/** Counts a header in the raw list, because Node joins or drops repeated headers. */
function timesSent(rawHeaders: readonly string[], name: string): number {
  let times = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]!.toLowerCase() === name) times += 1;
  return times;
}

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization === '') return undefined;
  const token = bearerTokenOf(authorization);
  if (token === undefined || !ONE_TOKEN.test(token))
    throw refuse('Authorization must be "Bearer <session token>" here.');
  if (KEY_SHAPED.test(token)) {
    throw refuse(
      'An API key was sent in Authorization. Send it in the X-API-KEY header; Authorization: Bearer is for sessions.',
    );
  }
  return token;
}

/** Reads the credential of a request. Error: UNAUTHENTICATED for several credentials, or a key in the wrong header. */
export function readManagementCredential(
  headers: IncomingHttpHeaders,
  cookie: SessionCookie,
  rawHeaders: IncomingMessage['rawHeaders'] = [],
): ManagementCredential {
  const bearer = bearerOf(headers.authorization);
  const inCookie = cookie.read(headers.cookie);
  const hasKey = headers['x-api-key'] !== undefined;
  if (timesSent(rawHeaders, 'authorization') > 1 || timesSent(rawHeaders, 'x-api-key') > 1) throw several();
  if (hasKey && (bearer !== undefined || inCookie !== undefined)) throw several();
  if (bearer !== undefined && inCookie !== undefined && bearer !== inCookie) throw several();
  if (hasKey) return { kind: 'key' };
  if (bearer !== undefined) return { kind: 'bearer', token: bearer };
  return inCookie === undefined ? { kind: 'none' } : { kind: 'cookie', token: inCookie };
}
