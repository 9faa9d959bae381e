/** Headers with which a gateway tells the service behind it who called; lowercase. */
export const IDENTITY = {
  keyId: 'x-key-id',
  keyName: 'x-key-name',
  permissions: 'x-key-permissions',
  scopes: 'x-key-scopes',
  serviceAccountId: 'x-service-account-id',
  signature: 'x-key-signature',
} as const;

/** Everything that starts with `X-Key-` is reserved for the identity of the caller. */
const IDENTITY_NAMES = ['x-key-.*', IDENTITY.serviceAccountId];

/** Headers that make some services treat a request as a different one than its request line says. */
const OVERRIDES = [
  'x-http-method',
  'x-(?:http-)?(?:method|path|url|uri)-override',
  'x-(?:rewrite|override)-(?:method|path|url|uri)',
  'x-(?:envoy-)?original-(?:path|url)',
  'x-envoy-original-(?:method|uri)',
];

/** Headers in which gateways describe a request: read under these exact names, and rejected in any other spelling. */
const FROM_GATEWAY = [
  'x-original-method',
  'x-original-uri',
  'x-forwarded-method',
  'x-forwarded-uri',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-gateway-key',
];

/**
 * Many services fold hyphens and underscores into one (RFC 3875, section 4.1.18), so a hyphen here matches any other
 * character.
 */
const inAnySpelling = (names: readonly string[]): RegExp =>
  new RegExp(`^(?:${names.join('|').replaceAll('-', '[^0-9a-z]')})$`);

/** Common headers that no reserved name can match, so that no pattern is needed for them. */
const COMMON = ['x-api-key', 'x-real-ip', 'x-request-id', 'x-forwarded-port'];
const KNOWN: ReadonlySet<string> = new Set([...FROM_GATEWAY, ...COMMON]);
const RESERVED = inAnySpelling([...IDENTITY_NAMES, ...OVERRIDES, ...FROM_GATEWAY]);
const OVERRIDE = inAnySpelling(OVERRIDES);

/** What a header that clients must not send would do. */
export type Reservation = 'GATEWAY_ONLY' | 'OVERRIDE';

/** The reservation of a header; null if clients can send it. The name is lowercase. */
export function reservationOf(name: string): Reservation | null {
  if (name.charCodeAt(0) !== 0x78 || KNOWN.has(name) || !RESERVED.test(name)) return null;
  return OVERRIDE.test(name) ? 'OVERRIDE' : 'GATEWAY_ONLY';
}
