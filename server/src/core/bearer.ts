const BEARER = /^bearer +(.*)$/is;

/** The token of `Authorization: Bearer`, after one or more spaces (RFC 9110, section 11.4); undefined for another scheme. */
export const bearerTokenOf = (authorization: string): string | undefined => BEARER.exec(authorization)?.[1];
