/** Default page after signing in. */
export const DEFAULT_NEXT = '/keys';

/** Longer paths would not fit into a cookie. */
const MAX_LENGTH = 1000;
const OWN_PATH = /^\/(?![/\\])/;
const UNSAFE = /[\\\u0000-\u001f]/;
const SIGNING_IN = /^\/(?:sign-in|setup|auth)\b/;

const isSafe = (path: string): boolean =>
  path.length <= MAX_LENGTH && OWN_PATH.test(path) && !UNSAFE.test(path) && !SIGNING_IN.test(path);

/**
 * The path to redirect to after signing in, safe for a Location header: only paths of this site; anything else becomes
 * the keys page. The web UI applies the same rule. It holds for the path as given and as a browser parses it.
 */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !isSafe(next) || !next.isWellFormed()) return DEFAULT_NEXT;
  const { pathname, search, hash } = new URL(next, 'http://site.invalid');
  const path = pathname + search + hash;
  return isSafe(path) ? path : DEFAULT_NEXT;
}
