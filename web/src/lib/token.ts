// From 16 characters on, more than the public part of a token is there.
const TOKEN_LIKE = /\b[a-z0-9]+_(live|stag|dev)_[0-9A-Za-z]{16,}/;

/** Whether a text holds a token or a good part of one: such a text never goes into a URL, a cache or storage. */
export function looksLikeToken(text: string): boolean {
  return TOKEN_LIKE.test(text);
}
