import { createHash, createHmac, randomUUID } from 'node:crypto';

/** The signing key. */
export interface Signer {
  readonly id: string;
  readonly secret: string;
}

/** A signed request: the path with its query, and the added headers. */
export interface SignedCall {
  readonly path: string;
  readonly headers: Record<string, string>;
}

/** How long after its start a process rejects requests signed with a nonce, as the nonce may have been used before. */
export const NONCES_KNOWN_AFTER_MS = 3_000;

const seconds = (): number => Math.floor(Date.now() / 1000);

/** Signs the time and the id in three headers, as Frame clients do. */
export function signByTimestamp(
  { id, secret }: Signer,
  path: string,
  { at = seconds(), headers = ['X-Frame-ClientId', 'X-Frame-Timestamp', 'X-Frame-Signature'] } = {},
): SignedCall {
  const [client, timestamp, signature] = headers as [string, string, string];
  const mac = createHmac('sha256', secret).update(`${at}${id}`).digest('hex');
  return { path, headers: { [client]: id, [timestamp]: String(at), [signature]: mac } };
}

/** Signs an expiry and the id in the query, as Cyware clients do. */
export function signByExpiry(
  { id, secret }: Signer,
  path: string,
  { expires = seconds() + 20, encode = encodeURIComponent as (text: string) => string } = {},
): SignedCall {
  const mac = createHmac('sha1', secret).update(`${id}\n${expires}`).digest('base64');
  const query = `AccessID=${encode(id)}&Expires=${expires}&Signature=${encode(mac)}`;
  return { path: `${path}${path.includes('?') ? '&' : '?'}${query}`, headers: {} };
}

/** Options of a message signature. */
export interface MessageOptions {
  readonly method?: string;
  readonly authority: string;
  readonly body?: string;
  readonly created?: number;
  readonly nonce?: string;
}

/** Signs method, authority, path, query and, if present, the digest of the body (RFC 9421, RFC 9530). */
export function signMessage(
  { id, secret }: Signer,
  path: string,
  { method = 'GET', authority, body, created = seconds(), nonce = randomUUID() }: MessageOptions,
): SignedCall {
  const [pathname, query] = path.split('?') as [string, string | undefined];
  const digest =
    body === undefined ? undefined : `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
  const lines: [string, string][] = [
    ['@method', method],
    ['@authority', authority],
    ['@path', pathname],
    ['@query', `?${query ?? ''}`],
    ...(digest === undefined ? [] : [['content-digest', digest] as [string, string]]),
  ];
  const names = lines.map(([name]) => `"${name}"`).join(' ');
  const params = `(${names});created=${created};nonce="${nonce}";keyid="${id}"`;
  const base = [
    ...lines.map(([name, value]) => `"${name}": ${value}`),
    `"@signature-params": ${params}`,
  ].join('\n');
  const mac = createHmac('sha256', secret).update(base).digest('base64');
  return {
    path,
    headers: {
      'Signature-Input': `sig=${params}`,
      Signature: `sig=:${mac}:`,
      ...(digest === undefined ? {} : { 'Content-Digest': digest }),
    },
  };
}
