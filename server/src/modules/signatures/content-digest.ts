import { createHash, timingSafeEqual } from 'node:crypto';
import { fieldValue } from './header-values.js';
import { parseCanonicalDictionary } from './structured-field.js';

/** The digest of a message's content, as claimed by the message. */
export interface ContentDigest {
  readonly algorithm: 'sha-256' | 'sha-512';
  readonly digest: Buffer;
}

/** Accepted algorithms, strongest first. RFC 9530 calls all others insecure or leaves them undefined. */
const ALGORITHMS = [
  { algorithm: 'sha-512', hash: 'sha512', bytes: 64 },
  { algorithm: 'sha-256', hash: 'sha256', bytes: 32 },
] as const;

/**
 * Parses a `Content-Digest` header (RFC 9530, section 2), given as all its values. Returns the strongest digest and
 * ignores other algorithms; null if there is no accepted algorithm or the header is malformed.
 */
export function parseContentDigest(values: readonly unknown[]): ContentDigest | null {
  const text = fieldValue(values);
  return (text === null ? null : parseContentDigests(text)?.[0]) ?? null;
}

/** All accepted digests of a `Content-Digest`, strongest first; null if it is malformed. */
export function parseContentDigests(text: string): readonly ContentDigest[] | null {
  const members = parseCanonicalDictionary(text);
  if (!members) return null;
  const digests: ContentDigest[] = [];
  for (const { algorithm, bytes } of ALGORITHMS) {
    const member = members.get(algorithm);
    if (!member) continue;
    const [value] = member;
    if (!(value instanceof ArrayBuffer) || value.byteLength !== bytes) return null;
    digests.push({ algorithm, digest: Buffer.from(value) });
  }
  return digests;
}

/** Whether the body, as sent (after any content coding), has the digest; in constant time. */
export function matchesDigest({ algorithm, digest }: ContentDigest, body: Uint8Array): boolean {
  const { hash } = ALGORITHMS.find((known) => known.algorithm === algorithm)!;
  const actual = createHash(hash).update(body).digest();
  return actual.length === digest.length && timingSafeEqual(actual, digest);
}
