import { sealedWith, type SecretBox } from './secret-box.js';

const BATCH = 200;
/** Rows that change during a pass are retried, but not forever. */
const MAX_PASSES = 5;

/** One sealed secret. */
export interface SealedRow {
  readonly id: string;
  readonly sealed: Buffer;
}

/** A store of sealed secrets of one purpose. */
export interface SealedRows {
  /** What the secrets are, for people: "second factors". */
  readonly name: string;
  /** The purpose of their secret box. */
  readonly purpose: string;
  /** The additional data that the secret of a row was sealed with. */
  about(id: string): readonly string[];
  /** The next rows, ordered by id. */
  after(id: string, limit: number): Promise<readonly SealedRow[]>;
  /** Replaces a secret if it is still `before`; otherwise does nothing. */
  replace(id: string, before: Buffer, after: Buffer): Promise<void>;
}

/** Counts of sealed secrets. */
export interface SealedCounts {
  /** Number of secrets by key id. */
  readonly byKey: ReadonlyMap<number, number>;
  /** Number of secrets that do not open. */
  readonly broken: number;
}

async function* all(rows: SealedRows): AsyncGenerator<SealedRow> {
  for (let after = ''; ;) {
    const batch = await rows.after(after, BATCH);
    yield* batch;
    if (batch.length < BATCH) return;
    after = batch.at(-1)!.id;
  }
}

/** Opens every secret and counts them. */
export async function countSealed(rows: SealedRows, box: SecretBox): Promise<SealedCounts> {
  const byKey = new Map<number, number>();
  let broken = 0;
  for await (const { id, sealed } of all(rows)) {
    const keyId = sealedWith(sealed);
    if (keyId === undefined || box.open(sealed, rows.about(id)) === null) broken += 1;
    else byKey.set(keyId, (byKey.get(keyId) ?? 0) + 1);
  }
  return { byKey, broken };
}

/**
 * Reseals every secret that was sealed with a key older than `keyId`, while other processes keep using them. Secrets that do
 * not open are left unchanged. After an interruption, run it again.
 * @param box Seals with this key or a newer one.
 */
export async function reseal(
  rows: SealedRows,
  box: SecretBox,
  keyId: number,
): Promise<{ readonly moved: number; readonly broken: number }> {
  let moved = 0;
  for (let pass = 1; ; pass++) {
    let found = 0;
    let broken = 0;
    for await (const { id, sealed } of all(rows)) {
      const secret = box.open(sealed, rows.about(id));
      if (secret === null) {
        broken += 1;
        continue;
      }
      // The id is higher if another rotation has started since.
      if (sealedWith(sealed)! >= keyId) continue;
      await rows.replace(id, sealed, box.seal(secret, rows.about(id)));
      found += 1;
    }
    moved += found;
    if (found === 0 || pass === MAX_PASSES) return { moved, broken };
  }
}
