import { holdsToken, holdsTokenInAnyEncoding, queryFault } from '@keywright/schema/token-in-text';
import type { VerdictCode } from '@keywright/schema/verdicts';
import { valuesOf, type HeaderBag } from '../signatures/header-values.js';
import { bearerTokenOf } from '../../core/bearer.js';
import { mayBeSigned } from '../signatures/read-signature.js';
import type { SignedRequest } from '../signatures/signed-request.js';

/** What a request carries that has no signature: one key as it was sent, or the reason why it counts as none. */
export type SentCredential =
  | { readonly token: string }
  | {
      readonly refused: Extract<VerdictCode, 'KEY_MISSING' | 'AMBIGUOUS_CREDENTIAL' | 'KEY_MALFORMED'>;
      readonly hint?: string;
    };

/** What may be a signature, and what there is beside it. */
export interface SignedCredential {
  readonly signed: SignedRequest;
  readonly beside: SentCredential;
}

/** What a request carries: a key, or what may be a signature. */
export type Credential = SentCredential | SignedCredential;

const IN_AUTHORIZATION =
  'An API key was sent in Authorization. Send it in the X-API-KEY header; Authorization: Bearer is for admin sessions.';
const IN_URL =
  'An API key was sent in the URL, where logs can see it. Send it in the X-API-KEY header, and regenerate this key.';
const URL_TOO_LONG =
  'The query of the URL is too long to be searched for keys. Send less in it, and the key in the X-API-KEY header.';

const isTokenShaped = (value: unknown): boolean => typeof value === 'string' && holdsToken(value);

/** What is wrong with the query part of a URL, in a sentence; undefined when nothing is. */
function faultOfUrl(url: string | undefined): string | undefined {
  const fault = url === undefined ? undefined : queryFault(url);
  if (fault === undefined) return undefined;
  return fault === 'TOKEN' ? IN_URL : URL_TOO_LONG;
}

/** Reads the one value of a credential header; several, or a list in one line, are ambiguous. */
function single(values: readonly unknown[]): SentCredential {
  if (values.length > 1) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  const [value] = values;
  if (typeof value !== 'string') return { refused: 'KEY_MALFORMED' };
  if (value.includes(',')) return { refused: 'AMBIGUOUS_CREDENTIAL' };
  return value === '' ? { refused: 'KEY_MISSING' } : { token: value };
}

const BASIC = /^basic +([0-9a-z+/_-]+)=*$/i;
/** A key stands near the beginning; no more of `Authorization` is searched for one. */
const MAX_SEARCHED_LENGTH = 8000;

/** Whether a value of `Authorization` carries a key, also as a part of Basic credentials; if not, it is the service's own. */
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
 * Reads the credential of a request to a protected API: `X-API-KEY`, once, and nothing beside it. A key in
 * `Authorization` or in the URL is not read but named in the hint. Never throws, whatever the headers are.
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

/** Whether a request that is signed carries another credential as well. */
export const carriesMore = (beside: SentCredential): boolean =>
  'token' in beside || beside.refused !== 'KEY_MISSING' || beside.hint !== undefined;

/** Reads the credential of a request to a protected API that may be signed instead of showing a key. Never throws. */
export function readRequestCredential(request: SignedRequest): Credential {
  const beside = readCredential(request.headers, request.url ?? undefined);
  return mayBeSigned(request) ? { signed: request, beside } : beside;
}

/**
 * Reads the credential of a request that a gateway passes on with all its headers. `Authorization` may hold a token of the
 * service behind the gateway, which is none of Keywright's business, but no key beside another credential. Never throws.
 */
export function readPassedOnCredential(request: SignedRequest): Credential {
  const beside = readCredential(request.headers, request.url ?? undefined, carriesKey);
  return mayBeSigned(request) ? { signed: request, beside } : beside;
}

/**
 * Reads a credential that the caller of `/v1/verify` names apart from the headers it passes on. Another key among those
 * headers, or in the URL, that is not the same one makes it ambiguous.
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

/** Reads the key of a caller of Keywright itself: `X-API-KEY` or `Authorization: Bearer`, one of the two. */
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
