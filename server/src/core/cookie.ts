/** How a cookie is called, and where it goes. */
export interface CookieForm {
  readonly name: string;
  /** What stands behind its value and its age, from the first semicolon. */
  readonly attributes: string;
}

/**
 * A cookie that no script reads and no other site's request brings along. Under https at the root of a host, its name also
 * binds it to this host alone (`__Host-`). Below a base path it goes to that path only, since other applications share the
 * host and must not be sent it; browsers do not let such a cookie be called `__Host-`. Its name then holds the path, so that
 * installations on one host, one of them below another or at the root, never read each other's.
 */
export function cookieForm(name: string, secure: boolean, basePath: string): CookieForm {
  const prefix = secure ? (basePath === '' ? '__Host-' : '__Secure-') : '';
  return {
    name: `${prefix}${name}${basePath.replaceAll('/', '_')}`,
    attributes: `; Path=${basePath || '/'}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  };
}

/** The value of a cookie in a Cookie header; of several cookies of this name, none. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}
