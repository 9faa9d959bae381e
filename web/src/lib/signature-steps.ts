import type { SignatureStepName, SignatureStepOutcome } from '../gql/graphql.js';

/** Labels of the steps of a signature check. */
export const STEP_LABELS: Readonly<Record<SignatureStepName, string>> = {
  CREDENTIAL: 'One credential',
  PROFILE: 'Profile',
  SHAPE: 'Format',
  PARAMETERS: 'Parameters',
  COVERAGE: 'Coverage',
  COMPONENTS: 'Components',
  TIME: 'Time',
  KEY: 'Key ID',
  SIGNATURE: 'Signature',
  ACCEPTED: 'Accepted profile',
  BODY: 'Body',
  NONCE: 'Nonce',
};

/** Display of a step's outcomes; color is never the only cue. */
export const STEP_OUTCOMES: Readonly<
  Record<SignatureStepOutcome, { readonly label: string; readonly icon: string; readonly color: string }>
> = {
  PASSED: { label: 'Passed', icon: 'i-lucide-circle-check', color: 'text-success' },
  FAILED: { label: 'Failed', icon: 'i-lucide-circle-x', color: 'text-error' },
  NOT_REACHED: { label: 'Not reached', icon: 'i-lucide-circle-dashed', color: 'text-dimmed' },
  NOTE: { label: 'Note', icon: 'i-lucide-info', color: 'text-muted' },
};

/** The result of a check on one line; `code` is the verdict that verification would return for the signature. */
export function summaryOf({ passes, code }: { passes: boolean; code?: string | null }): string {
  if (passes) return 'The signature is accepted.';
  return code
    ? `The request is rejected: ${code}.`
    : 'The signature is accepted, but the body does not match the signed digest.';
}
