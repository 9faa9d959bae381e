import type { SignatureProfile, SignatureStep } from '../signature-profile.js';

/** A step of the check as it is explained; those beside {@link SignatureStep} belong to the key, to the body, or to one use. */
export type ExplainedStepName = SignatureStep | 'CREDENTIAL' | 'KEY' | 'BODY' | 'NONCE';

/** How a step went; a note is nothing that the request is refused for. */
export type StepOutcome = 'PASSED' | 'FAILED' | 'NOT_REACHED' | 'NOTE';

/** One step of the check. */
export interface ExplainedStep {
  readonly name: ExplainedStepName;
  readonly outcome: StepOutcome;
  /** What was found, and what to do about it. Never a secret, nor what a signature should have been. */
  readonly detail: string;
}

/** How verification looks at a signed request, step by step. */
export interface Explanation {
  readonly profile: SignatureProfile | null;
  /** The code that verification refuses the signature with; null: it accepts it. */
  readonly refused: 'KEY_MISSING' | 'AMBIGUOUS_CREDENTIAL' | 'SIGNATURE_INVALID' | 'SIGNATURE_EXPIRED' | null;
  readonly steps: readonly ExplainedStep[];
  /** What is to be signed; null where it cannot be told. */
  readonly stringToSign: string | null;
  /** Of a signature that is accepted: what may be used once. */
  readonly nonce: string | null;
}

/** The steps that a profile has, in the order in which they are explained. */
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
