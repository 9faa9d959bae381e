import { VERDICTS, type VerdictCode } from '@keywright/schema/verdicts';
import type { AccessSet } from '../access/access-set.js';
import type { LimitState } from '@keywright/schema/verdict-http';
import type { Environment } from '../keys/token.js';
import type { SignedBody } from '../signatures/received-content.js';
import type { SignatureProfile } from '../signatures/signature-profile.js';
import type { Credential } from './credential.js';
import type { IndexedKey } from './indexed-key.js';
import type { Proof } from './proof.js';

/** One question: may this credential do this, here and now? */
export interface VerificationRequest {
  readonly credential: Credential;
  readonly environment: Environment;
  /** Any of them will do; none asks only for a valid key. */
  readonly permissions: readonly string[];
  /** null asks for no scope in particular. */
  readonly scopeId: string | null;
  readonly ip: string | null;
  /** What whoever asks holds; keys that lie where it may not verify are answered like unknown ones. null: no such bound. */
  readonly caller: AccessSet | null;
  /** Nobody may, whatever they hold; who calls is proven all the same. */
  readonly closed?: boolean;
  /** Units that the limits are charged, at least 1. */
  readonly cost: number;
}

/** The answer. A refusal is a value, never an exception. */
export interface Verdict {
  readonly code: VerdictCode;
  readonly status: 200 | 401 | 403 | 429;
  /** Sentence for the caller. */
  readonly message: string;
  /** The key, only once its secret was proven. */
  readonly key: IndexedKey | null;
  readonly usedPreviousSecret: boolean;
  /** How the credential may be shown in logs; null when it was not even well formed. */
  readonly maskedSecret: string | null;
  /** Where the windows and quotas stand; only for VALID, RATE_LIMITED and QUOTA_EXCEEDED. */
  readonly limits: readonly LimitState[];
  readonly retryAfterSeconds: number | null;
  /** What quotas and windows that outlive a restart were charged; 0 when the key has none. */
  readonly units: number;
  /** How it was signed, and what that says of the body; null for a key that was shown, and where nothing was proven. */
  readonly signature: { readonly profile: SignatureProfile; readonly body: SignedBody } | null;
  /** The proof of the secret, to be shown again on the same connection; null when there was none. */
  readonly proof: Proof | null;
}

/** Makes a verdict with the public sentence of its code. */
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
