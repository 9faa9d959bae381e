import type { KeyFacts, Question } from '../key-facts.js';

/** A key with address ranges only works from those. */
export const checkAddress = (
  key: Pick<KeyFacts<never>, 'ipRanges'>,
  asked: Question,
): 'IP_NOT_ALLOWED' | undefined => (key.ipRanges.allows(asked.ip) ? undefined : 'IP_NOT_ALLOWED');
