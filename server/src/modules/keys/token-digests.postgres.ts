import type { DataSource } from 'typeorm';
import type { CurrentKeyIds, KeyRing } from '../../core/key-ring.js';
import { findToken, type PastedToken } from './pasted-token.js';
import { digestToken } from './token.js';

/** What is needed to digest and recognize tokens. */
export interface TokenKeys {
  readonly brand: string;
  readonly peppers: Pick<KeyRing, 'get'>;
  readonly ids: Pick<CurrentKeyIds, 'pepperId'>;
}

/**
 * The digest of a token under the current pepper, and the id of that pepper. Error: a plain Error if there is no such
 * pepper.
 */
export function currentDigest(
  { peppers, ids }: TokenKeys,
  token: string,
): { digest: Buffer; pepperId: number } {
  const { pepperId } = ids;
  const pepper = peppers.get(pepperId);
  if (!pepper) throw new Error(`Pepper ${pepperId} does not exist.`);
  return { digest: digestToken(pepper, token), pepperId };
}

/**
 * The token in a search text, with its digests under the peppers of the keys that have its public part and under the
 * one that such a key may be moving to; null if there is none.
 */
export async function readPastedToken(
  dataSource: DataSource,
  { brand, peppers }: TokenKeys,
  search: string | null | undefined,
): Promise<PastedToken | null> {
  const parsed = findToken(brand, search);
  if (parsed === undefined) return null;
  if (parsed === null) return { publicPart: null, digests: [] };
  const rows: { id: number }[] = await dataSource.query(
    `select pepper_id as id from installation
     union select pepper_id from api_key where public_part = $1 or previous_public_part = $1
     union select previous_pepper_id from api_key where previous_public_part = $1 and previous_pepper_id is not null`,
    [parsed.publicPart],
  );
  const found = rows.flatMap(({ id }) => peppers.get(id) ?? []);
  return {
    publicPart: parsed.publicPart,
    digests: found.map((pepper) => digestToken(pepper, parsed.token)),
  };
}
