/** Length of the name of a key or service account, in characters. */
export const MAX_KEY_NAME = 50;

/** Length of the name of a role, user or scope, and of a permission's label and group, in characters. */
export const MAX_NAME = 100;

/** Length of the description of a key, service account or role, in characters. */
export const MAX_DESCRIPTION = 1000;

/** Length of the description of a permission or route rule, in characters. */
export const MAX_SHORT_DESCRIPTION = 500;

/** Requests allowed per rate limit window. */
export const MAX_WINDOW_LIMIT = 1_000_000_000;

/** Length of a rate limit window, in seconds. */
export const MAX_WINDOW_SECONDS = 31 * 86_400;

/** Rate limit windows per key. */
export const MAX_WINDOWS = 8;

/** Size of a quota, in cost units. */
export const MAX_QUOTA = 2 ** 31 - 1;

/** Time that a replaced secret keeps working, in seconds. */
export const MAX_OVERLAP_SECONDS = 30 * 86_400;

/** Days that one extension adds to a key's expiry. */
export const MAX_EXTENSION_DAYS = 3650;

/** Allowed IP ranges per key. */
export const MAX_CIDRS = 100;

/** Length of the reason of a revocation, in characters. */
export const MAX_REASON = 200;

/** Length of an idempotency key, in characters. */
export const MAX_IDEMPOTENCY_KEY = 200;

/** Length of a text to search for, in characters. */
export const MAX_SEARCH = 200;

/** Minimum length of a password, in characters. */
export const MIN_PASSWORD = 12;

/** Maximum length of a password, in characters. */
export const MAX_PASSWORD = 200;
