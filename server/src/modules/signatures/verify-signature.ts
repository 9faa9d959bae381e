import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignatureClaim } from './signature-claim.js';

const HASHES = { 'HMAC-SHA256': 'sha256', 'HMAC-SHA1': 'sha1' } as const;

/**
 * Whether the claim was signed with the secret, used as its UTF-8 bytes (RFC 2104). In constant time. An empty secret
 * never matches.
 */
export function verifySignature(
  { algorithm, signingInput, signature }: SignatureClaim,
  secret: string | Buffer,
): boolean {
  if (secret.length === 0) return false;
  const expected = createHmac(HASHES[algorithm], secret).update(signingInput).digest();
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}
