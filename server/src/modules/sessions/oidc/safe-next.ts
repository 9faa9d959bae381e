/** Where people go after signing in, unless they were on their way somewhere else. */
export const DEFAULT_NEXT = '/keys';

/** Longer ones would not fit into a cookie. */
const MAX_LENGTH = 1000;
const OWN_PATH = /^\/(?![/\\])/;
const UNSAFE = /[\\\u0000-\u001f]/;
const SIGNING_IN = /^\/(?:sign-in|setup|auth)\b/;

const isSafe = (path: string): boolean =>
  path.length <= MAX_LENGTH && OWN_PATH.test(path) && !UNSAFE.test(path) && !SIGNING_IN.test(path);

/**
 * The path to go to after signing in, as it may stand in a Location header: only paths of this site, anything else becomes
 * the keys page. The rule is that of the pages; it holds for the path as given and as a browser reads it.
 */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !isSafe(next) || !next.isWellFormed()) return DEFAULT_NEXT;
  const { pathname, search, hash } = new URL(next, 'http://site.invalid');
  const path = pathname + search + hash;
  return isSafe(path) ? path : DEFAULT_NEXT;
}
