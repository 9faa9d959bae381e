import type { KeyFacts, Question } from './key-facts.js';
import { VERDICTS, type RefusedCode, type Step, type VerdictInfo } from './verdicts.js';

/** The checks of a proven key before its limits are charged, in the order of the verdict table. */
const STEPS: readonly Step[] = [
  ...new Set(Object.values<VerdictInfo>(VERDICTS).flatMap(({ step }) => (step ? [step] : []))),
];

/**
 * Why a proven key is rejected before its limits are charged: the first step that objects names the verdict. Undefined if
 * none does.
 */
export function refusalOf<Asked extends Question, Unknown extends string = never>(
  key: KeyFacts<Asked, Unknown>,
  asked: Asked,
  nowMs: number,
): RefusedCode | Unknown | undefined {
  for (const step of STEPS) {
    const code = step(key, asked, nowMs);
    if (code !== undefined) return code as RefusedCode | Unknown;
  }
  return undefined;
}

/** The verdict on a key that every step accepts but a limit rejects, by the kind of limit. */
export const codeOfLimit = (refusedBy: 'WINDOW' | 'QUOTA'): 'RATE_LIMITED' | 'QUOTA_EXCEEDED' =>
  refusedBy === 'QUOTA' ? 'QUOTA_EXCEEDED' : 'RATE_LIMITED';
