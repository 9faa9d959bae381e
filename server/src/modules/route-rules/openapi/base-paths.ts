import { isObject, type JsonObject } from './parse-document.js';

const AUTHORITY = /^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i;

/** The URL of a server with its variables at their defaults; null if one has none. */
function filledIn(server: JsonObject): string | null {
  const { url, variables } = server;
  if (typeof url !== 'string') return null;
  let complete = true;
  const filled = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const variable = isObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
    const value = isObject(variable) ? variable['default'] : undefined;
    if (typeof value === 'string') return value;
    complete = false;
    return '';
  });
  return complete ? filled : null;
}

/** The common prefix of all paths of a server, without a trailing slash; empty if there is none. */
export function basePathOf(url: string): string {
  const path = url
    .replace(AUTHORITY, '')
    .replace(/[?#].*$/s, '')
    .replace(/^\.?\/?/, '/')
    .replace(/\/$/, '');
  return path;
}

/** The distinct base paths of a list of servers; null for one that cannot be determined. */
export function basePathsOf(servers: unknown): (string | null)[] {
  if (!Array.isArray(servers) || servers.length === 0) return [''];
  const paths = servers.map((server: unknown) => {
    const url = isObject(server) ? filledIn(server) : null;
    return url === null ? null : basePathOf(url);
  });
  return [...new Set(paths)];
}
