/** Longest name of a key or of a service account, in characters. */
export const MAX_KEY_NAME = 50;

/** Longest name of a role, user or scope, and longest label and group of a permission, in characters. */
export const MAX_NAME = 100;

/** Longest description of a key, a service account or a role, in characters. */
export const MAX_DESCRIPTION = 1000;

/** Longest description of a permission or a route rule, in characters. */
export const MAX_SHORT_DESCRIPTION = 500;

/** Most requests that a window of a rate limit lets through. */
export const MAX_WINDOW_LIMIT = 1_000_000_000;

/** Longest window of a rate limit, in seconds. */
export const MAX_WINDOW_SECONDS = 31 * 86_400;

/** Most windows of a key. */
export const MAX_WINDOWS = 8;

/** Largest quota, in units of cost. */
export const MAX_QUOTA = 2 ** 31 - 1;

/** Longest time for which a replaced secret goes on working, in seconds. */
export const MAX_OVERLAP_SECONDS = 30 * 86_400;

/** Most days by which a key is extended at once. */
export const MAX_EXTENSION_DAYS = 3650;

/** Most ranges of addresses of a key. */
export const MAX_CIDRS = 100;
