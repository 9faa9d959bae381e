import { parseContentDigest, type ContentDigest } from './content-digest.js';
import { valuesOf } from './header-values.js';
import { isRefusal, refusalsOf, type SignatureClaim, type SignatureRefusal } from './signature-claim.js';
import { signatureBase } from './signature-base.js';
import { faultOfCoverage } from './signature-coverage.js';
import { readSignatureFields } from './signature-input.js';
import { readSignatureParameters } from './signature-parameters.js';
import { isAbout, TOLERANCE_MS } from './signature-time.js';
import type { SignedRequest } from './signed-request.js';

const { invalid, expired } = refusalsOf('RFC9421');

type Found = ReadonlyMap<string, readonly unknown[]>;

/** Whether a request uses this profile; `Signature` without `Signature-Input` belongs to older schemes. */
export const usesRfc9421Profile = (found: Found): boolean => found.has('signature-input');

/**
 * Reads the profile of RFC 9421: one hmac-sha256 signature, created at most 300 seconds from now and not expired, with
 * a nonce, over the method, the whole target, and the digest of the body (RFC 9530) if there is one.
 */
export function readRfc9421Profile(
  request: SignedRequest,
  found: Found,
  nowMs: number,
): SignatureClaim | SignatureRefusal {
  const fields = readSignatureFields(found.get('signature-input') ?? [], found.get('signature') ?? []);
  if (isRefusal(fields)) return fields;
  const { input, signature } = fields;
  const parameters = readSignatureParameters(input.parameters);
  if (isRefusal(parameters)) return parameters;
  const fault = faultOfCoverage(request, input.components);
  if (fault) return fault;

  const base = signatureBase(request, input);
  if (isRefusal(base)) return base;
  let bodyDigest: ContentDigest | null = null;
  if (input.components.some(({ name }) => name === 'content-digest')) {
    bodyDigest = parseContentDigest(valuesOf(request.headers, 'content-digest'));
    if (!bodyDigest) return invalid('Content-Digest has no well-formed sha-256 or sha-512.', 'COMPONENTS');
  }

  const { createdMs, expiresMs, nonce, keyId } = parameters;
  const claim: SignatureClaim = {
    profile: 'RFC9421',
    clientId: keyId,
    signingInput: Buffer.from(base, 'ascii'),
    signature,
    algorithm: 'HMAC-SHA256',
    acceptedUntilMs: Math.min(createdMs + TOLERANCE_MS, expiresMs ?? Infinity),
    nonce: { value: nonce, createdMs },
    covered: input.components.map(({ identifier }) => identifier),
    bodyDigest,
  };
  if (!isAbout(createdMs, nowMs)) {
    const detail = 'The parameter created is more than 300 seconds away from the time here.';
    return expired(detail, claim, createdMs - nowMs);
  }
  if (expiresMs !== null && !(nowMs <= expiresMs)) {
    return expired('The time in the parameter expires has passed.', claim, expiresMs - nowMs);
  }
  return claim;
}
