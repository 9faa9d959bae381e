import { parseToken, type ParsedToken } from './token.js';

/** A token that was pasted into the search, by what it is matched with. */
export interface PastedToken {
  /** null: it is broken, and no key can have it. */
  readonly publicPart: string | null;
  /** Its digests, under each pepper that they may have been made with. */
  readonly digests: readonly Buffer[];
}

/** The token in a searched text: undefined when there is nothing like one, null when there is one that is broken. */
export function findToken(brand: string, search: string | null | undefined): ParsedToken | null | undefined {
  const text = new RegExp(`${brand}_(?:live|stag|dev)_[0-9A-Za-z]{24,}`).exec(search ?? '')?.[0];
  return text === undefined ? undefined : (parseToken(brand, text) ?? null);
}
