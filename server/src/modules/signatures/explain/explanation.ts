import type { SignatureProfile, SignatureStep } from '../signature-profile.js';

/** A step in the explanation. Steps that are not a {@link SignatureStep} concern the key, the body or single use. */
export type ExplainedStepName = SignatureStep | 'CREDENTIAL' | 'KEY' | 'BODY' | 'NONCE';

/** Result of a step. A NOTE does not cause a rejection. */
export type StepOutcome = 'PASSED' | 'FAILED' | 'NOT_REACHED' | 'NOTE';

/** One step of the check. */
export interface ExplainedStep {
  readonly name: ExplainedStepName;
  readonly outcome: StepOutcome;
  /** The finding and its remedy. Never contains a secret or the correct signature. */
  readonly detail: string;
}

/** How verification judges a signed request, step by step. */
export interface Explanation {
  readonly profile: SignatureProfile | null;
  /** The code of the rejection; null: the signature is accepted. */
  readonly refused: 'KEY_MISSING' | 'AMBIGUOUS_CREDENTIAL' | 'SIGNATURE_INVALID' | 'SIGNATURE_EXPIRED' | null;
  readonly steps: readonly ExplainedStep[];
  /** The string to sign; null if it is unknown. */
  readonly stringToSign: string | null;
  /** The single-use nonce of an accepted signature. */
  readonly nonce: string | null;
}

/** The steps of each profile, in the order of the explanation. */
export const STEPS_OF: Readonly<Record<SignatureProfile, readonly ExplainedStepName[]>> = {
  TIMESTAMP: ['PROFILE', 'SHAPE', 'TIME', 'KEY', 'SIGNATURE', 'ACCEPTED'],
  EXPIRY: ['PROFILE', 'SHAPE', 'TIME', 'KEY', 'SIGNATURE', 'ACCEPTED'],
  RFC9421: [
    'PROFILE',
    'SHAPE',
    'PARAMETERS',
    'COVERAGE',
    'COMPONENTS',
    'TIME',
    'KEY',
    'SIGNATURE',
    'ACCEPTED',
    'BODY',
  ],
};
