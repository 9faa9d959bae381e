// 16 or more characters go beyond the public part of a token.
const TOKEN_LIKE = /\b[a-z0-9]+_(live|stag|dev)_[0-9A-Za-z]{16,}/;

/** Whether text contains a token or a significant part of one; such text must never go into a URL, a cache or storage. */
export function looksLikeToken(text: string): boolean {
  return TOKEN_LIKE.test(text);
}
