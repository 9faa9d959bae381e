import { findExpiryMembers, SIGNATURE_HEADERS } from '@keywright/schema/signature-signs';
import { readExpiryProfile } from './expiry-profile.js';
import { pickHeaders } from './header-values.js';
import { readRfc9421Profile, usesRfc9421Profile } from './rfc9421-profile.js';
import { refusalsOf, type SignatureClaim, type SignatureRefusal } from './signature-claim.js';
import type { SignedRequest } from './signed-request.js';
import { readTimestampProfile, usesTimestampProfile } from './timestamp-profile.js';

const { ambiguous, invalid } = refusalsOf(null);

function read(request: SignedRequest, nowMs: number): SignatureClaim | SignatureRefusal | undefined {
  const found = pickHeaders(request.headers, SIGNATURE_HEADERS);
  const members = typeof request.url === 'string' ? findExpiryMembers(request.url) : null;
  const byTimestamp = found !== null && usesTimestampProfile(found);
  const byRfc9421 = found !== null && usesRfc9421Profile(found);
  if (Number(byTimestamp) + Number(byRfc9421) + Number(members !== null) > 1) {
    return ambiguous('The request is signed in more than one way.', 'PROFILE');
  }
  if (byTimestamp) return readTimestampProfile(found, nowMs);
  if (byRfc9421) return readRfc9421Profile(request, found, nowMs);
  return members ? readExpiryProfile(members, nowMs) : undefined;
}

/** Whether a request contains any part of a signature; false for most requests, which present a key. Never throws. */
export function mayBeSigned({ headers, url }: SignedRequest): boolean {
  try {
    if (pickHeaders(headers, SIGNATURE_HEADERS) !== null) return true;
    return typeof url === 'string' && findExpiryMembers(url) !== null;
  } catch {
    return true;
  }
}

/**
 * Reads the signature of a request: returns a claim that has yet to be verified, a refusal if no key could make it
 * valid, or undefined if the request is not signed. Never throws, whatever the input.
 */
export function readSignature(
  request: SignedRequest,
  nowMs: number,
): SignatureClaim | SignatureRefusal | undefined {
  try {
    return read(request, nowMs);
  } catch {
    // The input is an object that is not a real request.
    return invalid('The request is not valid.', 'PROFILE');
  }
}
