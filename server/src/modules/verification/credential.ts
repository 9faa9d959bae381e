import { holdsToken, holdsTokenInAnyEncoding, queryFault } from '@keywright/schema/token-in-text';
import type { VerdictCode } from '@keywright/schema/verdicts';
import { valuesOf, type HeaderBag } from '../signatures/header-values.js';
import { bearerTokenOf } from '../../core/bearer.js';
import { mayBeSigned } from '../signatures/read-signature.js';
import type { SignedRequest } from '../signatures/signed-request.js';

/** The credential of an unsigned request: one key as it was sent, or the reason why there is none. */
export type SentCredential =
  | { readonly token: string }
  | {
      readonly refused: Extract<VerdictCode, 'KEY_MISSING' | 'AMBIGUOUS_CREDENTIAL' | 'KEY_MALFORMED'>;
      readonly hint?: string;
    };

/** A possible signature, and any other credential sent with it. */
export interface SignedCredential {
  readonly signed: SignedRequest;
  readonly other: SentCredential;
}

/** The credential of a request: a key or a possible signature. */
export type Credential = SentCredential | SignedCredential;

const IN_AUTHORIZATION =
  'An API key was sent in Authorization. Send it in the X-API-KEY header; Authorization: Bearer is for admin sessions.';
const IN_URL =
  'An API key was sent in the URL, where logs can see it. Send it in the X-API-KEY header, and regenerate this key.';
const URL_TOO_LONG =
  'The query of the URL is too long to check for keys. Shorten it, and send the key in the X-API-KEY header.';

const isTokenShaped = (value: unknown): boolean => typeof value === 'string' && holdsToken(value);

/** Describes what is wrong with the query of a URL; undefined if nothing is. */
function faultOfUrl(url: string | undefined): string | undefined {
  const fault = url === undefined ? undefined : queryFault(url);
  if (fault === undefined) return undefined;
  return fault === 'TOKEN' ? IN_URL : URL_TOO_LONG;
}

/** Reads a credential header that must have one value; several values, or a list in one line, are ambiguous. */
function single(values: readonly unknown[]): SentCredential {
  if (values.length > 1) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  const [value] = values;
  if (typeof value !== 'string') return { refused: 'KEY_MALFORMED' };
  if (value.includes(',')) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  return value === '' ? { refused: 'KEY_MISSING' } : { token: value };
}

const BASIC = /^basic +([0-9a-z+/_-]+)=*$/i;
/** Only this much of `Authorization` is searched: a key is near the beginning. */
const MAX_SEARCHED_LENGTH = 8000;

/**
 * Whether a value of `Authorization` carries a key, including in Basic credentials; otherwise it belongs to the
 * service.
 */
function carriesKey(value: unknown): boolean {
  if (typeof value !== 'string') return true;
  const text = value.slice(0, MAX_SEARCHED_LENGTH).trim();
  const [, basic] = BASIC.exec(text) ?? [];
  return (
    holdsTokenInAnyEncoding(text) ||
    (basic !== undefined && holdsTokenInAnyEncoding(Buffer.from(basic, 'base64').toString('latin1')))
  );
}

/**
 * Reads the credential of a request to a protected API: a single `X-API-KEY` and nothing else. A key in
 * `Authorization` or in the URL is rejected with a hint. Never throws, whatever the headers are.
 * @param counts Whether a value of `Authorization` is another credential.
 */
export function readCredential(
  headers: HeaderBag,
  url?: string,
  counts: (authorization: unknown) => boolean = (value) => value !== '',
): SentCredential {
  const keys = valuesOf(headers, 'x-api-key');
  const authorization = valuesOf(headers, 'authorization').filter(counts);
  const inUrl = faultOfUrl(url);
  if (keys.length > 0) {
    return authorization.length > 0 || inUrl ? { refused: 'AMBIGUOUS_CREDENTIAL' } : single(keys);
  }
  if (authorization.length > 0 && inUrl) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  if (authorization.some(isTokenShaped)) return { refused: 'KEY_MISSING', hint: IN_AUTHORIZATION };
  return inUrl ? { refused: 'KEY_MISSING', hint: inUrl } : { refused: 'KEY_MISSING' };
}

/** Whether a signed request also carries another credential. */
export const hasOtherCredential = (other: SentCredential): boolean =>
  'token' in other || other.refused !== 'KEY_MISSING' || other.hint !== undefined;

/** Reads the credential of a request to a protected API, which can be signed instead of carrying a key. Never throws. */
export function readRequestCredential(request: SignedRequest): Credential {
  const other = readCredential(request.headers, request.url ?? undefined);
  return mayBeSigned(request) ? { signed: request, other } : other;
}

/**
 * Reads the credential of a request that a gateway forwards with all its headers. `Authorization` can hold a token of
 * the service behind the gateway, which Keywright ignores, but no key besides another credential. Never throws.
 */
export function readPassedOnCredential(request: SignedRequest): Credential {
  const other = readCredential(request.headers, request.url ?? undefined, carriesKey);
  return mayBeSigned(request) ? { signed: request, other } : other;
}

/**
 * Reads a credential that the caller of `/v1/verify` passes separately from the forwarded headers. A different key in
 * those headers or in the URL makes it ambiguous.
 */
export function readNamedCredential(key: string, headers: HeaderBag, url?: string): SentCredential {
  const others = [
    ...valuesOf(headers, 'x-api-key'),
    ...valuesOf(headers, 'authorization').filter(isTokenShaped),
  ];
  const agrees = (value: unknown): boolean =>
    typeof value === 'string' && (value === key || bearerTokenOf(value) === key);
  if (others.some((value) => !agrees(value))) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  if (faultOfUrl(url) && faultOfUrl(url!.replaceAll(key, ''))) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  return key === '' ? { refused: 'KEY_MISSING' } : { token: key };
}

/** Reads the key of a caller of Keywright itself: either `X-API-KEY` or `Authorization: Bearer`. */
export function readCallerCredential(headers: HeaderBag, url?: string): SentCredential {
  const keys = valuesOf(headers, 'x-api-key');
  const authorization = valuesOf(headers, 'authorization').filter((value) => value !== '');
  if (keys.length > 0 && authorization.length > 0) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  if (keys.length > 0 || authorization.length === 0) return readCredential(headers, url);
  if (faultOfUrl(url)) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  const bearer = single(authorization);
  if ('refused' in bearer) return bearer;
  const token = bearerTokenOf(bearer.token);
  return token === undefined ? { refused: 'KEY_MISSING' } : { token };
}
