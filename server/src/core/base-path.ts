/** First segments of API paths, which are never pages. */
export const API_ROOTS = [
  'graphql',
  'v1',
  'auth',
  'sandbox',
  'livez',
  'readyz',
  'metrics',
  'assets',
] as const;

const SEGMENTS = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const OWN = new RegExp(`^/(?:${API_ROOTS.join('|')})(?:/|$)`);

/** The path of a public URL without trailing slashes; empty for none. */
export const basePathOf = (publicUrl: string | undefined): string =>
  publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');

/** What is wrong with a public URL, worded to follow the name of its setting; undefined if it is valid. */
export function publicUrlFault(text: string): string | undefined {
  if (!URL.canParse(text) || !/^https?:\/\/[^/]/i.test(text)) return 'must be an http or https URL';
  const { username, password, search, hash, pathname } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    return 'must not contain a user name, password, query or fragment';
  }
  const path = basePathOf(text);
  if (path === '') return undefined;
  // A path that parsing changes, such as `/a/../b`, would not be a prefix of the requested paths.
  if (!SEGMENTS.test(path) || text.replace(/^https?:\/\/[^/]+/i, '') !== pathname) {
    return 'must have no path, or one of letters, digits, - . _ ~ and single slashes';
  }
  return OWN.test(path)
    ? `must not have a path that starts with ${path.split('/', 2).join('/')}, which Keywright uses itself; choose another`
    : undefined;
}

/**
 * Strips the base path from a path with its query; a proxy may have stripped it already. No API path starts with a valid
 * base path, so nothing is stripped twice.
 */
export function withoutBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const next = url[basePath.length];
  if (next === '/') return url.slice(basePath.length);
  return next === undefined || next === '?' ? `/${url.slice(basePath.length)}` : url;
}
