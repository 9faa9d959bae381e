/** Maximum length of a token, in characters; nothing longer is ever hashed. */
export const MAX_TOKEN_LENGTH = 80;

/** Last four characters of a token. */
export const tokenTail = (token: string): string => token.slice(-4);

/** The part of a token that can be shown: prefix, ellipsis, last four characters. */
export const maskToken = (token: string): string =>
  `${token.slice(0, token.lastIndexOf('_') + 1)}…${tokenTail(token)}`;
