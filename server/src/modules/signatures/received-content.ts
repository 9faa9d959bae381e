import { matchesDigest, parseContentDigests, type ContentDigest } from './content-digest.js';
import type { SignatureClaim } from './signature-claim.js';

/** What is known about the received body. */
export interface ReceivedContent {
  /** Whether the body is empty. */
  readonly empty: boolean;
  /** Whether the body has the digest; null if that is unknown. */
  has(digest: ContentDigest): boolean | null;
}

/**
 * What a signature guarantees about the body: nothing (`UNSIGNED`), a digest that the holder of the body has yet to
 * compare (`UNCHECKED`), or a digest that was compared (`CHECKED`).
 */
export type SignedBody = 'UNSIGNED' | 'UNCHECKED' | 'CHECKED';

/** A body whose bytes are available, as sent (after any content coding). */
export const contentOf = (body: Uint8Array): ReceivedContent => ({
  empty: body.length === 0,
  has: (digest) => matchesDigest(digest, body),
});

const NOTHING = new Uint8Array();

/**
 * A body held elsewhere, described by its digests in the format of `Content-Digest` (RFC 9530); null if that is
 * malformed.
 */
export function contentWith(contentDigest: string): ReceivedContent | null {
  const digests = parseContentDigests(contentDigest) ?? [];
  const [strongest] = digests;
  if (!strongest) return null;
  return {
    empty: matchesDigest(strongest, NOTHING),
    has({ algorithm, digest }) {
      const computed = digests.find((each) => each.algorithm === algorithm);
      return computed ? computed.digest.equals(digest) : null;
    },
  };
}

/** Compares a claim with the received body (null: unknown). `OTHER`: it is a different body. */
export function judgeBody(
  { profile, bodyDigest }: Pick<SignatureClaim, 'profile' | 'bodyDigest'>,
  content: ReceivedContent | null,
): SignedBody | 'OTHER' {
  if (profile !== 'RFC9421') return 'UNSIGNED';
  if (!bodyDigest) {
    if (!content) return 'UNSIGNED';
    return content.empty ? 'CHECKED' : 'OTHER';
  }
  const same = content ? content.has(bodyDigest) : null;
  if (same === null) return 'UNCHECKED';
  return same ? 'CHECKED' : 'OTHER';
}
