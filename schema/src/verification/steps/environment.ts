import type { KeyFacts, Question } from '../key-facts.js';

/** A key only works in its own environment. */
export const checkEnvironment = (
  key: Pick<KeyFacts<never>, 'environment'>,
  asked: Question,
): 'WRONG_ENVIRONMENT' | undefined =>
  key.environment === asked.environment ? undefined : 'WRONG_ENVIRONMENT';
