import { foundInAnyEncoding } from './encodings.js';

/** Matches the rare middle part first and only then looks behind at the prefix. */
const TOKEN_SHAPED =
  /_(?:live|stag|dev)_(?<=(?:^|[^0-9a-z])[a-z][a-z0-9]{0,15}_(?:live|stag|dev)_)[0-9A-Za-z]{40,}/i;
const SIGNING_SECRET_SHAPED = /kws_[0-9A-Za-z]{43}/;
/** Length of the longest query that is searched, in characters. */
const MAX_QUERY_LENGTH = 10_000;

/** Whether the text contains something shaped like a whole token with any prefix. */
export const holdsToken = (text: string): boolean => TOKEN_SHAPED.test(text);

/** Whether the text contains something shaped like a whole token, encoded or not. */
export const holdsTokenInAnyEncoding = (text: string): boolean => foundInAnyEncoding(text, TOKEN_SHAPED);

/** Whether the text contains a whole token or signing secret, encoded or not. */
export const holdsSecret = (text: string): boolean =>
  foundInAnyEncoding(text, TOKEN_SHAPED) || foundInAnyEncoding(text, SIGNING_SECRET_SHAPED);

/**
 * What is wrong with the query of a URL: it contains a token, encoded or not, or is too long to be searched for one;
 * undefined if nothing is.
 */
export function queryFault(url: string): 'TOKEN' | 'TOO_LONG' | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  if (url.length - query > MAX_QUERY_LENGTH) return 'TOO_LONG';
  // Every token contains underscores, plain or encoded.
  if (!url.includes('_', query) && !url.includes('%', query)) return undefined;
  return foundInAnyEncoding(url.slice(query), TOKEN_SHAPED) ? 'TOKEN' : undefined;
}
