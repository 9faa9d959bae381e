import { foundInAnyEncoding } from './encodings.js';

/** Found by its middle, which is rare, and only then looked at from its beginning. */
const TOKEN_SHAPED =
  /_(?:live|stag|dev)_(?<=(?:^|[^0-9a-z])[a-z][a-z0-9]{0,15}_(?:live|stag|dev)_)[0-9A-Za-z]{40,}/i;
const SIGNING_SECRET_SHAPED = /kws_[0-9A-Za-z]{43}/;
/** Longest query that is looked through, in characters. */
const LONGEST_QUERY = 10_000;

/** Whether there is something in the text that looks like a whole token of any brand. */
export const holdsToken = (text: string): boolean => TOKEN_SHAPED.test(text);

/** The same, percent-encoded in whatever way or not. */
export const holdsTokenInAnyEncoding = (text: string): boolean => foundInAnyEncoding(text, TOKEN_SHAPED);

/** Whether a text holds a whole token or signing secret, encoded or not. */
export const holdsSecret = (text: string): boolean =>
  foundInAnyEncoding(text, TOKEN_SHAPED) || foundInAnyEncoding(text, SIGNING_SECRET_SHAPED);

/**
 * What is wrong with the query of a URL: a token in it, percent-encoded or not, or more text than is searched for one.
 * Undefined when nothing is.
 */
export function queryFault(url: string): 'TOKEN' | 'TOO_LONG' | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  if (url.length - query > LONGEST_QUERY) return 'TOO_LONG';
  // A token has underscores in it, as they are or encoded.
  if (!url.includes('_', query) && !url.includes('%', query)) return undefined;
  return foundInAnyEncoding(url.slice(query), TOKEN_SHAPED) ? 'TOKEN' : undefined;
}
