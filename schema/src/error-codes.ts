/** Codes of `extensions.code` in GraphQL errors and of `code` in problem+json, with the HTTP status each maps to. */
export const ERROR_CODES = {
  UNAUTHENTICATED: { status: 401, title: 'Sign-in required' },
  FORBIDDEN: { status: 403, title: 'Not allowed' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  BAD_USER_INPUT: { status: 400, title: 'Invalid input' },
  NAME_TAKEN: { status: 409, title: 'Name already in use' },
  LICENSE_LIMIT_REACHED: { status: 403, title: 'License limit reached' },
  KEY_LOCKED: { status: 409, title: 'Key is locked' },
  KEY_REVOKED: { status: 409, title: 'Key is revoked' },
  GRANT_NOT_HELD: { status: 403, title: 'Permission not held' },
  CONFLICT: { status: 409, title: 'Conflicting change' },
  GATEWAY_NOT_TRUSTED: { status: 403, title: 'Untrusted gateway' },
  REQUEST_UNCLEAR: { status: 403, title: 'Ambiguous request' },
  TOO_MANY_ATTEMPTS: { status: 429, title: 'Too many attempts' },
  QUERY_TOO_COMPLEX: { status: 400, title: 'Query too complex' },
  UNAVAILABLE: { status: 503, title: 'Unavailable' },
  INTERNAL: { status: 500, title: 'Internal error' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
