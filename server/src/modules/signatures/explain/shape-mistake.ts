import { readSignature } from '../read-signature.js';
import { isRefusal, type SignatureClaim } from '../signature-claim.js';
import type { SignatureProfile } from '../signature-profile.js';
import type { SignedRequest } from '../signed-request.js';
import { verifySignature } from '../verify-signature.js';
import { lostCase } from './lost-case.js';
import { macOfLength, readLooseSignature } from './signature-encoding.js';
import { withSignature, writtenSignature, writtenTime } from './signed-parts.js';
import { explainWrittenTime } from './time-hint.js';

const WANTED: Readonly<Record<SignatureProfile, string>> = {
  TIMESTAMP: '64 hexadecimal digits of HMAC-SHA256',
  EXPIRY: 'base64 of HMAC-SHA1',
  RFC9421: 'base64 of HMAC-SHA256 between colons',
};
const BYTES: Readonly<Record<SignatureProfile, number>> = { TIMESTAMP: 32, EXPIRY: 20, RFC9421: 32 };
const ALGORITHMS = { 20: 'HMAC-SHA1', 32: 'HMAC-SHA256' } as const;

/** The claim of the request if its signature were well formed; null if something else is wrong too. */
export function claimBeside(
  request: SignedRequest,
  profile: SignatureProfile,
  nowMs: number,
): SignatureClaim | null {
  const read = readSignature(withSignature(request, profile, Buffer.alloc(BYTES[profile])), nowMs);
  if (!isRefusal(read)) return read ?? null;
  return read.late?.claim ?? null;
}

/** A follow-up sentence about malformed parts of a request; empty if there is nothing to say. */
export function shapeMistake(
  request: SignedRequest,
  profile: SignatureProfile,
  nowMs: number,
  secret: Buffer,
): string {
  const claim = claimBeside(request, profile, nowMs);
  if (!claim) return explainWrittenTime(writtenTime(request, profile) ?? '');
  const written = writtenSignature(request, profile);
  if (written === null) return '';
  const reading = readLooseSignature(written);
  if (!reading) return '';
  const { as, bytes } = reading;
  if (profile !== 'TIMESTAMP' && as === 'base64' && bytes.length === BYTES[profile]) {
    return ` It is not valid base64 of these bytes: part of it was changed.${lostCase(request, profile)}`;
  }
  const algorithm = ALGORITHMS[bytes.length as keyof typeof ALGORITHMS];
  const right = algorithm && verifySignature({ ...claim, algorithm, signature: bytes }, secret);
  const found = ` It looks like ${as}, of the length of ${macOfLength(bytes.length)}; this profile requires ${WANTED[profile]}.`;
  return right ? `${found} Otherwise it is right: the secret and the string to sign match.` : found;
}
