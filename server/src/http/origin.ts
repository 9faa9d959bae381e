import type { IncomingHttpHeaders } from 'node:http';

/** Host and port of an origin or URL, without the scheme's default port; undefined if it is not http(s). */
function hostOf(url: string): string | undefined {
  try {
    const { protocol, host } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? host : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a request comes from a page of this installation, or from no page at all. Compares the origin with the requested
 * host and with PUBLIC_URL, but not the scheme, since TLS often ends at a proxy. If `Sec-Fetch-Site`, which only browsers can
 * set, names another site, the request is cross-site.
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
 * The headers of a WebSocket upgrade for {@link isOwnOrigin}. Browsers always send Origin with an upgrade, and some send
 * `cross-site` even for the same site, because ws is not http; so `Sec-Fetch-Site` counts only without Origin.
 */
export function upgradeHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  if (headers.origin === undefined) return headers;
  const { 'sec-fetch-site': _, ...rest } = headers;
  return rest;
}
