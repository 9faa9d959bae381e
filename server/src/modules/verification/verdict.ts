import { VERDICTS, type VerdictCode } from '@keywright/schema/verdicts';
import type { AccessSet } from '../access/decide/access-set.js';
import type { LimitState } from '@keywright/schema/verdict-http';
import type { SignedBody } from '../signatures/received-content.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Credential } from './credential.js';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { KeyQuestion } from '../replica/key-rights.js';
import type { Proof } from './proof.js';

/** One question: is this credential allowed to do this, here and now? */
export interface VerificationRequest extends KeyQuestion {
  readonly credential: Credential;
  /**
   * What the caller holds; keys outside the scopes where it can verify are answered like unknown ones. Null if
   * unrestricted.
   */
  readonly caller: AccessSet | null;
  /** Units to charge to the limits, at least 1. */
  readonly cost: number;
}

/** The answer. A rejection is a value, never an exception. */
export interface Verdict {
  readonly code: VerdictCode;
  readonly status: 200 | 401 | 403 | 429;
  /** Sentence for the caller. */
  readonly message: string;
  /** The key, only once its secret is proven. */
  readonly key: IndexedKey | null;
  readonly usedPreviousSecret: boolean;
  /** The credential as it can appear in logs; null if it was malformed. */
  readonly maskedSecret: string | null;
  /** The state of the windows and quotas; only for VALID, RATE_LIMITED and QUOTA_EXCEEDED. */
  readonly limits: readonly LimitState[];
  readonly retryAfterSeconds: number | null;
  /** Units charged to quotas and windows that outlive a restart; 0 if the key has none. */
  readonly units: number;
  /** How the request was signed and what that says about the body; null for a BEARER key, or if nothing was proven. */
  readonly signature: { readonly profile: SignatureProfile; readonly body: SignedBody } | null;
  /** The proof of the secret, for reuse on the same connection; null if there was none. */
  readonly proof: Proof | null;
}

/** Creates a verdict with the public sentence of its code. */
export const makeVerdict = (
  code: VerdictCode,
  details: Partial<Omit<Verdict, 'code' | 'status'>> = {},
): Verdict => ({
  code,
  status: VERDICTS[code].status,
  message: VERDICTS[code].message,
  key: null,
  usedPreviousSecret: false,
  maskedSecret: null,
  limits: [],
  retryAfterSeconds: null,
  units: 0,
  proof: null,
  signature: null,
  ...details,
});
