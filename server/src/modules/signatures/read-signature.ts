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

/** Whether there is anything of a signature in a request; false for the many that show a key. Never throws. */
export function mayBeSigned({ headers, url }: SignedRequest): boolean {
  try {
    if (pickHeaders(headers, SIGNATURE_HEADERS) !== null) return true;
    return typeof url === 'string' && findExpiryMembers(url) !== null;
  } catch {
    return true;
  }
}

/**
 * Reads how a request is signed: a claim that is still to be verified, a refusal where no key could help, or undefined when it is
 * not signed at all. Never throws, whatever the request is.
 */
export function readSignature(
  request: SignedRequest,
  nowMs: number,
): SignatureClaim | SignatureRefusal | undefined {
  try {
    return read(request, nowMs);
  } catch {
    // Objects that only pretend to be a request.
    return invalid('The request cannot be read.', 'PROFILE');
  }
}
