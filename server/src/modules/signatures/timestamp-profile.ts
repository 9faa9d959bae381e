import { MAX_VALUE_CHARS } from './header-values.js';
import {
  isClientId,
  isRefusal,
  refusalsOf,
  type SignatureClaim,
  type SignatureRefusal,
} from './signature-claim.js';
import { isAbout, parseSeconds, TOLERANCE_MS } from './signature-time.js';

const { ambiguous, invalid, expired } = refusalsOf('TIMESTAMP');

const CLIENT_ID = ['x-frame-clientid', 'x-client-id'] as const;
const TIMESTAMP = ['x-frame-timestamp', 'x-timestamp'] as const;
const SIGNATURE = ['x-frame-signature', 'x-signature'] as const;
const PARTS = [CLIENT_ID, TIMESTAMP, SIGNATURE];

const HEX_SHA256 = /^[0-9a-f]{64}$/i;

type Found = ReadonlyMap<string, readonly unknown[]>;

/**
 * Whether a request uses this profile. `X-Client-Id` alone, and `X-Timestamp` with `X-Signature`, are commonly used for
 * other purposes, so they do not count; `X-Client-Id` with one of the others does, and so does any single `X-Frame-`
 * header, which has no other use.
 */
export const usesTimestampProfile = (found: Found): boolean =>
  PARTS.some(([own]) => found.has(own)) ||
  (found.has(CLIENT_ID[1]) && [TIMESTAMP, SIGNATURE].some(([, name]) => found.has(name)));

/** The only value sent under either of two names. */
function single(found: Found, names: readonly [string, string]): string | SignatureRefusal {
  const values = names.flatMap((name) => found.get(name) ?? []);
  const [value] = values;
  const either = names.join(' or ');
  if (values.length === 0) return invalid(`The request has no ${either}.`);
  if (values.length > 1) return ambiguous(`The request has more than one ${either}.`);
  if (typeof value !== 'string' || value.length > MAX_VALUE_CHARS)
    return invalid(`${either} is not a short text.`);
  // A header that was sent twice can arrive as one line.
  if (value.includes(',')) return ambiguous(`The request has a list for ${either}.`);
  return value;
}

/**
 * Reads the timestamp profile: `X-Frame-ClientId` or `X-Client-Id`, `X-Frame-Timestamp` or `X-Timestamp` (unix seconds,
 * at most 300 from now, inclusive), `X-Frame-Signature` or `X-Signature` (64 hexadecimal digits in either case). The
 * timestamp followed by the client id is signed with HMAC-SHA256; nothing else of the request is bound.
 */
export function readTimestampProfile(found: Found, nowMs: number): SignatureClaim | SignatureRefusal {
  const clientId = single(found, CLIENT_ID);
  if (isRefusal(clientId)) return clientId;
  const timestamp = single(found, TIMESTAMP);
  if (isRefusal(timestamp)) return timestamp;
  const signature = single(found, SIGNATURE);
  if (isRefusal(signature)) return signature;

  if (!isClientId(clientId)) return invalid('The client id is not 1 to 200 visible ASCII characters.');
  const atMs = parseSeconds(timestamp);
  if (atMs === null) return invalid('The timestamp is not a number of seconds since 1970 in decimal digits.');
  if (!HEX_SHA256.test(signature)) return invalid('The signature is not 64 hexadecimal digits.');

  const claim: SignatureClaim = {
    profile: 'TIMESTAMP',
    clientId,
    signingInput: Buffer.from(timestamp + clientId),
    signature: Buffer.from(signature, 'hex'),
    algorithm: 'HMAC-SHA256',
    acceptedUntilMs: atMs + TOLERANCE_MS,
    nonce: null,
    covered: [],
    bodyDigest: null,
  };
  return isAbout(atMs, nowMs)
    ? claim
    : expired('The timestamp is more than 300 seconds away from the time here.', claim, atMs - nowMs);
}
