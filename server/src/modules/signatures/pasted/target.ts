/** What a URL says about a request. */
export interface Target {
  /** `http` or `https`; null for a path alone. */
  readonly scheme: string | null;
  /** Host and port, without user information and default port; null for a path alone. */
  readonly host: string | null;
  /** Path and query, as written. */
  readonly url: string;
}

const SCHEME = /^(https?):\/\//i;
const DEFAULT_PORT = { http: /:80$/, https: /:443$/ } as const;

/** Splits a URL or a path without decoding it; drops the fragment, which is not sent. */
export function splitTarget(text: string): Target {
  const hash = text.indexOf('#');
  const sent = hash === -1 ? text : text.slice(0, hash);
  const scheme = SCHEME.exec(sent);
  if (!scheme) return { scheme: null, host: null, url: sent };
  const rest = sent.slice(scheme[0].length);
  const end = rest.search(/[/?]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const path = end === -1 ? '' : rest.slice(end);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const name = scheme[1]!.toLowerCase() as 'http' | 'https';
  return {
    scheme: name,
    host: host.replace(DEFAULT_PORT[name], ''),
    url: path.startsWith('/') ? path : `/${path}`,
  };
}
