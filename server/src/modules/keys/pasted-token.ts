import { parseToken, type ParsedToken } from './token.js';

/** A token that was pasted into the search, as it is matched. */
export interface PastedToken {
  /** Null if it is broken, so that no key can have it. */
  readonly publicPart: string | null;
  /** Its digests under each pepper that may have been used. */
  readonly digests: readonly Buffer[];
}

/** The token in a search text: undefined if nothing resembles one, null if it is broken. */
export function findToken(brand: string, search: string | null | undefined): ParsedToken | null | undefined {
  const text = new RegExp(`${brand}_(?:live|stag|dev)_[0-9A-Za-z]{24,}`).exec(search ?? '')?.[0];
  return text === undefined ? undefined : (parseToken(brand, text) ?? null);
}
