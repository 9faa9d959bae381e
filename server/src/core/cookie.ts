/** The name of a cookie and its attributes. */
export interface CookieForm {
  readonly name: string;
  /** What follows the value and the age, from the first semicolon on. */
  readonly attributes: string;
}

/**
 * A cookie that scripts cannot read and cross-site requests do not carry. Under https at the root of a host, the `__Host-`
 * prefix also binds it to this host. Below a base path it is sent to that path only, because other applications share the
 * host; browsers do not allow `__Host-` there. Its name then contains the path, so that installations on one host, whether
 * nested or at the root, never read each other's cookie.
 */
export function cookieForm(name: string, secure: boolean, basePath: string): CookieForm {
  const prefix = secure ? (basePath === '' ? '__Host-' : '__Secure-') : '';
  return {
    name: `${prefix}${name}${basePath.replaceAll('/', '_')}`,
    attributes: `; Path=${basePath || '/'}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  };
}

/** The value of a cookie in a Cookie header; undefined if several cookies have this name. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}
