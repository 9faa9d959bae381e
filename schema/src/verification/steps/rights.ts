import type { KeyFacts, Question, RightsFault } from '../key-facts.js';

/**
 * Any one of the requested permissions, held anywhere, suffices; none requested requires none. The grant of one of them, or
 * any grant if none is requested, must cover the scope; nothing covers a scope that does not exist.
 */
export const checkRights = <Asked extends Question, Unknown extends string>(
  key: KeyFacts<Asked, Unknown>,
  asked: Asked,
): RightsFault | Unknown | undefined =>
  asked.closed === true ? 'PERMISSION_DENIED' : key.rightsFault(asked);
