import { matchesDigest, parseContentDigests, type ContentDigest } from './content-digest.js';
import type { SignatureClaim } from './signature-claim.js';

/** What is known of the body as it was received. */
export interface ReceivedContent {
  /** Whether there is none. */
  readonly empty: boolean;
  /** Whether it has the digest; null when what is known does not tell. */
  has(digest: ContentDigest): boolean | null;
}

/**
 * What a signature says of the body: nothing (`UNSIGNED`), its digest, which whoever has the body must still compare
 * (`UNCHECKED`), or what was compared already (`CHECKED`).
 */
export type SignedBody = 'UNSIGNED' | 'UNCHECKED' | 'CHECKED';

/** A body whose bytes are at hand, as they were sent (after any content coding). */
export const contentOf = (body: Uint8Array): ReceivedContent => ({
  empty: body.length === 0,
  has: (digest) => matchesDigest(digest, body),
});

const NOTHING = new Uint8Array();

/** A body that somebody else holds, by the digests that they computed of it, as a `Content-Digest` (RFC 9530); null for a malformed one. */
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

/** What a claim says of the body that was received (null: nothing is known of it); `OTHER`: it is another body. */
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
