/** Where paths of the API begin, which are never pages. */
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

/** The path of a public URL without slashes at its end; empty for none. */
export const basePathOf = (publicUrl: string | undefined): string =>
  publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');

/** What is wrong with a public URL, to follow the name of its setting; undefined for nothing. */
export function publicUrlFault(text: string): string | undefined {
  if (!URL.canParse(text) || !/^https?:\/\/[^/]/i.test(text)) return 'must be an http or https URL';
  const { username, password, search, hash, pathname } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    return 'must have neither user, password, query nor fragment';
  }
  const path = basePathOf(text);
  if (path === '') return undefined;
  // What is not written as it is read, such as `/a/../b`, would not stand in front of the paths that are asked for.
  if (!SEGMENTS.test(path) || text.replace(/^https?:\/\/[^/]+/i, '') !== pathname) {
    return 'must have a path of letters, digits, - . _ ~ and single slashes, or none';
  }
  return OWN.test(path)
    ? `must not have a path that begins with ${path.split('/', 2).join('/')}, which Keywright uses itself; choose another`
    : undefined;
}

/**
 * A path, with its query, as Keywright knows it: without the base path in front, which a proxy may have kept or taken away.
 * No path of the API begins as a base path does, so that nothing is taken away twice.
 */
export function withoutBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const next = url[basePath.length];
  if (next === '/') return url.slice(basePath.length);
  return next === undefined || next === '?' ? `/${url.slice(basePath.length)}` : url;
}
