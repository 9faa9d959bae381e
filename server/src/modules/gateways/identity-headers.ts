/** Headers by which a gateway tells the service behind it who called, in lower case. */
export const IDENTITY = {
  keyId: 'x-key-id',
  keyName: 'x-key-name',
  permissions: 'x-key-permissions',
  scopes: 'x-key-scopes',
  serviceAccountId: 'x-service-account-id',
  signature: 'x-key-signature',
} as const;

const RESERVED = /^x[^0-9a-z](?:key[^0-9a-z]|service[^0-9a-z]account[^0-9a-z]id$)/;

/**
 * Whether a service might take the header (lower case) for one of {@link IDENTITY}: many fold hyphens and underscores into one
 * (RFC 3875, section 4.1.18), so any other sign stands for a hyphen here. Everything that begins with `X-Key-` is reserved.
 */
export const mayPassForIdentity = (name: string): boolean =>
  name.charCodeAt(0) === 0x78 && RESERVED.test(name);
