import type { ExpiryMembers } from '@keywright/schema/signature-signs';
import {
  isClientId,
  isRefusal,
  refusalsOf,
  type SignatureClaim,
  type SignatureRefusal,
} from './signature-claim.js';
import { parseSeconds, TOLERANCE_MS } from './signature-time.js';

const { ambiguous, invalid, expired } = refusalsOf('EXPIRY');

/** Maximum length of an encoded value: a client id of 200 characters, all of them escaped. */
const MAX_ENCODED_CHARS = 600;

const BASE64_SHA1 = /^[A-Za-z0-9+/]{27}=$/;

/** Decodes percent escapes and keeps plus signs; null if an escape is malformed. */
function decode(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function single(members: ExpiryMembers, name: keyof ExpiryMembers): string | SignatureRefusal {
  const values = members[name];
  const [value] = values;
  if (value === undefined) return invalid(`The query has no ${name}.`);
  if (values.length > 1) return ambiguous(`The query has ${name} more than once.`);
  const text = value.length > MAX_ENCODED_CHARS ? null : decode(value);
  return text ?? invalid(`${name} in the query is too long, or its percent-encoding is not valid.`);
}

/**
 * Reads the expiry profile: the query parameters `AccessID`, `Expires` (unix seconds, not in the past and at most 300
 * ahead) and `Signature` (base64 of 20 bytes; a space is read as the plus sign that form decoding replaced). The access
 * id, a line feed and the expiry are signed with HMAC-SHA1; nothing else of the request is bound.
 */
export function readExpiryProfile(members: ExpiryMembers, nowMs: number): SignatureClaim | SignatureRefusal {
  const accessId = single(members, 'AccessID');
  if (isRefusal(accessId)) return accessId;
  const expires = single(members, 'Expires');
  if (isRefusal(expires)) return expires;
  const encoded = single(members, 'Signature');
  if (isRefusal(encoded)) return encoded;

  if (!isClientId(accessId)) return invalid('AccessID is not 1 to 200 visible ASCII characters.');
  const expiresMs = parseSeconds(expires);
  if (expiresMs === null) return invalid('Expires is not a number of seconds since 1970 in decimal digits.');
  const base64 = encoded.replaceAll(' ', '+');
  const signature = Buffer.from(base64, 'base64');
  if (!BASE64_SHA1.test(base64) || signature.toString('base64') !== base64) {
    return invalid('Signature is not the base64 of 20 bytes.');
  }

  const claim: SignatureClaim = {
    profile: 'EXPIRY',
    clientId: accessId,
    signingInput: Buffer.from(`${accessId}\n${expires}`),
    signature,
    algorithm: 'HMAC-SHA1',
    acceptedUntilMs: expiresMs,
    nonce: null,
    covered: [],
    bodyDigest: null,
  };
  const aheadMs = expiresMs - nowMs;
  if (!(aheadMs >= 0)) return expired('Expires has passed.', claim, aheadMs);
  return aheadMs <= TOLERANCE_MS
    ? claim
    : expired('Expires is more than 300 seconds in the future.', claim, aheadMs);
}
