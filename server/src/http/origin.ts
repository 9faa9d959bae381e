import type { IncomingHttpHeaders } from 'node:http';

/** Host and port of an origin or URL, without the port that its scheme implies; undefined for what is no http(s) origin. */
function hostOf(url: string): string | undefined {
  try {
    const { protocol, host } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? host : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a request comes from a page of this installation, or from no page at all. Compared with the host that was
 * asked and with PUBLIC_URL; a scheme may differ, since TLS often ends at a proxy. `Sec-Fetch-Site` is the browser's own
 * word and is believed when it says another site.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin, host } = headers;
  if (origin === undefined) return true;
  const from = hostOf(origin);
  if (from === undefined) return false;
  return (
    from === hostOf(publicUrl) ||
    (host !== undefined && from === hostOf(`${new URL(origin).protocol}//${host}`))
  );
}

/**
 * Headers of a WebSocket upgrade as {@link isOwnOrigin} should see them. Browsers always send Origin there, and some say
 * `cross-site` for the own site, because ws is not http; so the browser's word counts only where there is no Origin.
 */
export function upgradeHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  if (headers.origin === undefined) return headers;
  const { 'sec-fetch-site': _, ...rest } = headers;
  return rest;
}
