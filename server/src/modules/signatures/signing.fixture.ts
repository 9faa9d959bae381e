import { createHmac } from 'node:crypto';
import type { SignatureClaim, SignatureRefusal } from './signature-claim.js';
import type { SignedRequest } from './signed-request.js';

/** The current time in the tests. */
export const NOW_SECONDS = 1_700_000_000;
export const NOW_MS = NOW_SECONDS * 1000;

export const SECRET = 'kws_0123456789ABCDEFGHIJabcdefghij0123456789ABC';

const hmac = (hash: string, secret: string | Buffer, text: string): Buffer =>
  createHmac(hash, secret).update(text).digest();

/** Headers by name in lower case, as every parser of requests provides them. */
function lowerCase(sent: SignedRequest['headers']): SignedRequest['headers'] {
  const headers: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(sent)) {
    const known = name.toLowerCase();
    headers[known] = known in headers ? [headers[known], value].flat() : value;
  }
  return headers;
}

/** A request without a signature. */
export const plainRequest = ({
  headers = { host: 'api.example.test' },
  ...overrides
}: Partial<SignedRequest> = {}): SignedRequest => ({
  method: 'GET',
  url: '/crm/customers?page=2',
  headers: lowerCase(headers),
  ...overrides,
});

/** The headers of the timestamp profile, signed with the shared secret. */
export const timestampHeaders = (
  timestamp: string | number,
  clientId = 'client-1',
): Record<string, unknown> => ({
  'x-client-id': clientId,
  'x-timestamp': String(timestamp),
  'x-signature': hmac('sha256', SECRET, `${timestamp}${clientId}`).toString('hex'),
});

/** The base64 signature of the expiry profile. */
export const expirySignature = (accessId: string, expires: string | number, secret = SECRET): string =>
  hmac('sha1', secret, `${accessId}\n${expires}`).toString('base64');

/** A URL signed by the expiry profile. */
export const expiryUrl = (expires: string | number, accessId = 'access-1'): string =>
  `/v1/feeds?AccessID=${accessId}&Expires=${expires}&Signature=${encodeURIComponent(expirySignature(accessId, expires))}`;

/** The rest of Signature-Input in the tests, after the components. */
export const PARAMETERS = `;created=${NOW_SECONDS};keyid="key-1";nonce="n-1"`;

/**
 * The two headers of RFC 9421 for a base that the test states itself: the lines of the components, then the parameters.
 */
export function rfc9421Headers(
  lines: readonly (readonly [identifier: string, value: string])[],
  parameters = PARAMETERS,
): Record<string, unknown> {
  const input = `(${lines.map(([identifier]) => identifier).join(' ')})${parameters}`;
  const base = [...lines.map((line) => line.join(': ')), `"@signature-params": ${input}`].join('\n');
  return {
    'signature-input': `sig=${input}`,
    signature: `sig=:${hmac('sha256', SECRET, base).toString('base64')}:`,
  };
}

/** The minimum that must be covered for {@link plainRequest}. */
export const MINIMAL_LINES: readonly (readonly [string, string])[] = [
  ['"@method"', 'GET'],
  ['"@path"', '/crm/customers'],
  ['"@query"', '?page=2'],
];

/** A plain request with additional headers. */
export const withHeaders = (headers: Record<string, unknown>, overrides: Partial<SignedRequest> = {}) =>
  plainRequest({ ...overrides, headers: { host: 'api.example.test', ...headers } });

/** The claim; fails the test if there is none. */
export function claimOf(read: SignatureClaim | SignatureRefusal | undefined): SignatureClaim {
  if (!read || 'refused' in read) throw new Error(`not a claim: ${read?.detail}`);
  return read;
}

/** The code of a refusal; otherwise the client id. */
export const outcomeOf = (read: SignatureClaim | SignatureRefusal | undefined): string | undefined =>
  read && ('refused' in read ? read.refused : read.clientId);
