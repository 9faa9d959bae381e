import type { ContentDigest } from './content-digest.js';
import type { ShownNonce } from './nonce.js';
import type { SignatureProfile, SignatureStep } from './signature-profile.js';

/** The claims of a signed request. None of them can be trusted before the signature is verified. */
export interface SignatureClaim {
  readonly profile: SignatureProfile;
  /** Identifies the key; the `keyid` of RFC 9421. 1 to 200 visible ASCII characters. */
  readonly clientId: string;
  /** The exact bytes that were signed. */
  readonly signingInput: Buffer;
  /** The claimed HMAC, with the length of its algorithm. */
  readonly signature: Buffer;
  /** Determined by the profile, never by the request. */
  readonly algorithm: 'HMAC-SHA256' | 'HMAC-SHA1';
  /**
   * The last time at which the same request would be accepted again, in milliseconds since 1970; its nonce must be
   * stored until then.
   */
  readonly acceptedUntilMs: number;
  /** Single-use value with the claimed creation time of the signature; null for profiles without nonces. */
  readonly nonce: Pick<ShownNonce, 'value' | 'createdMs'> | null;
  /**
   * Identifiers of the components (RFC 9421, section 2) that the signature binds; empty for profiles that bind nothing.
   */
  readonly covered: readonly string[];
  /** The digest of the body that the signature covers; null: it covers no body. */
  readonly bodyDigest: ContentDigest | null;
}

/** A request that is rejected for any key. */
export interface SignatureRefusal {
  readonly refused: 'AMBIGUOUS_CREDENTIAL' | 'SIGNATURE_INVALID' | 'SIGNATURE_EXPIRED';
  /** null: more than one profile is used, or an unknown one. */
  readonly profile: SignatureProfile | null;
  readonly step: SignatureStep;
  /** A sentence for the signer; quotes nothing of the request except names. */
  readonly detail: string;
  /** Set if only the time is wrong. */
  readonly late?: UntimelyClaim;
}

/** A claim that would be valid at another time. */
export interface UntimelyClaim {
  readonly claim: SignatureClaim;
  /** How far the time in the request is ahead of the server time, in milliseconds; negative: behind. */
  readonly aheadMs: number;
}

/** Maximum length of a client id, nonce or tag, in characters. */
const MAX_NAME_CHARS = 200;

const VISIBLE = /^[\x21-\x7e]+$/;

/** Whether the text is a valid client id: visible ASCII characters, not too long. */
export const isClientId = (text: string): boolean => text.length <= MAX_NAME_CHARS && VISIBLE.test(text);

/** Whether the text is a valid nonce or tag: not empty, and not too long. */
export const isShortText = (text: string): boolean => text.length > 0 && text.length <= MAX_NAME_CHARS;

/** Maximum length of text quoted from a request, in characters. */
const MAX_QUOTE_CHARS = 60;

/** A name from the request for a detail, truncated if necessary. */
export const quote = (name: string): string =>
  name.length <= MAX_QUOTE_CHARS ? name : `${name.slice(0, MAX_QUOTE_CHARS)}…`;

/** Whether the result of reading is a refusal. */
export const isRefusal = (value: unknown): value is SignatureRefusal =>
  typeof value === 'object' && value !== null && 'refused' in value;

/** Creates the refusals of one profile. */
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
