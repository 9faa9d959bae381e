import { timingSafeEqual } from 'node:crypto';
import { digestToken, type ParsedToken } from '../keys/token.js';
import type { IndexedKey } from './indexed-key.js';
import type { KeyIndex } from './key-index.js';

/** The peppers by id; several while they are rotated. */
export interface PepperSource {
  /** 32 bytes, or undefined for an id that is not known. */
  get(pepperId: number): Buffer | undefined;
}

/** A key whose secret the caller has shown. */
export interface Proof {
  readonly key: IndexedKey;
  readonly usedPreviousSecret: boolean;
}

const DUMMY_PEPPER = Buffer.alloc(32, 0x5a);
const DUMMY_DIGEST = Buffer.alloc(32, 0xa5);

/**
 * Looks a token up and proves its secret. One lookup, one HMAC and one comparison in constant time whether the key exists
 * or not, so that unknown and wrong cannot be told apart. A tombstone is compared by the half that is left of its digest.
 */
export function prove(
  index: KeyIndex,
  peppers: PepperSource,
  token: ParsedToken,
  nowMs: number,
): Proof | undefined {
  const slot = index.find(token.publicPart);
  const record = slot?.key.record;
  const stored = record && (slot.previous ? record.previous : record);
  const pepper = stored && peppers.get(stored.pepperId);
  const expected = stored?.digest;
  const wanted = expected ?? DUMMY_DIGEST;
  const actual = digestToken(pepper ?? DUMMY_PEPPER, token.token);
  const equal = timingSafeEqual(actual.subarray(0, wanted.length), wanted);
  if (!equal || !slot || !pepper || !expected) return undefined;
  if (slot.previous && nowMs >= record!.previous!.endsAtMs) return undefined;
  return { key: slot.key, usedPreviousSecret: slot.previous };
}
