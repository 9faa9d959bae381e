import type { ContentDigest } from './content-digest.js';
import type { ShownNonce } from './nonce.js';
import type { SignatureProfile, SignatureStep } from './signature-profile.js';

/** What a signed request says of itself. Nothing of it is true before its signature was verified. */
export interface SignatureClaim {
  readonly profile: SignatureProfile;
  /** Names the key; the `keyid` of RFC 9421. 1 to 200 visible ASCII characters. */
  readonly clientId: string;
  /** The exact bytes that were signed. */
  readonly signingInput: Buffer;
  /** What the request says their HMAC is; of the length of its algorithm. */
  readonly signature: Buffer;
  /** Follows from the profile, never from the request. */
  readonly algorithm: 'HMAC-SHA256' | 'HMAC-SHA1';
  /** The last moment at which the same request is accepted again, in milliseconds since 1970: until then its nonce counts. */
  readonly acceptedUntilMs: number;
  /** Single-use, with the time at which the signature says that it was made; null for the profiles that have none. */
  readonly nonce: Pick<ShownNonce, 'value' | 'createdMs'> | null;
  /** Component identifiers (RFC 9421, section 2) of what the signature binds; empty for the profiles that bind nothing. */
  readonly covered: readonly string[];
  /** The digest of the body that the signature covers; null: it says nothing of a body. */
  readonly bodyDigest: ContentDigest | null;
}

/** A request that is refused whatever its key is. */
export interface SignatureRefusal {
  readonly refused: 'AMBIGUOUS_CREDENTIAL' | 'SIGNATURE_INVALID' | 'SIGNATURE_EXPIRED';
  /** null when more than one profile, or none that can be told, is used. */
  readonly profile: SignatureProfile | null;
  readonly step: SignatureStep;
  /** Sentence for whoever signs; quotes nothing of the request but names. */
  readonly detail: string;
  /** Set where only the time is wrong. */
  readonly late?: UntimelyClaim;
}

/** A claim that would do at another time. */
export interface UntimelyClaim {
  readonly claim: SignatureClaim;
  /** How far the time that the request names lies ahead of the time here, in milliseconds; negative: behind. */
  readonly aheadMs: number;
}

/** Longest client id, nonce and tag, in characters. */
const LONGEST_NAME = 200;

const VISIBLE = /^[\x21-\x7e]+$/;

/** Whether the text may name a key: visible ASCII characters, not too many. */
export const isClientId = (text: string): boolean => text.length <= LONGEST_NAME && VISIBLE.test(text);

/** Whether the text may be a nonce or a tag: not empty, and not too long. */
export const isShortText = (text: string): boolean => text.length > 0 && text.length <= LONGEST_NAME;

/** Longest part of a request that a detail quotes, in characters. */
const LONGEST_QUOTE = 60;

/** A name from the request as a detail may quote it: cut when it is long. */
export const quote = (name: string): string =>
  name.length <= LONGEST_QUOTE ? name : `${name.slice(0, LONGEST_QUOTE)}…`;

/** Tells a refusal from what would have been read. */
export const isRefusal = (value: unknown): value is SignatureRefusal =>
  typeof value === 'object' && value !== null && 'refused' in value;

/** Makes the refusals of one profile. */
export const refusalsOf = (profile: SignatureProfile | null) => ({
  ambiguous: (detail: string, step: SignatureStep = 'SHAPE'): SignatureRefusal => ({
    refused: 'AMBIGUOUS_CREDENTIAL',
    profile,
    step,
    detail,
  }),
  invalid: (detail: string, step: SignatureStep = 'SHAPE'): SignatureRefusal => ({
    refused: 'SIGNATURE_INVALID',
    profile,
    step,
    detail,
  }),
  expired: (detail: string, claim: SignatureClaim, aheadMs: number): SignatureRefusal => ({
    refused: 'SIGNATURE_EXPIRED',
    profile,
    step: 'TIME',
    detail,
    late: { claim, aheadMs },
  }),
});
