import { sealedWith, type SecretBox } from './secret-box.js';

const BATCH = 200;
/** A row that changes under our hands is looked at again, but not for ever. */
const MAX_PASSES = 5;

/** One sealed secret. */
export interface SealedRow {
  readonly id: string;
  readonly sealed: Buffer;
}

/** Where sealed secrets of one purpose are kept. */
export interface SealedRows {
  /** What they are, in words: "second factors". */
  readonly name: string;
  /** The purpose of their box. */
  readonly purpose: string;
  /** What the secret of a row was sealed about. */
  about(id: string): readonly string[];
  /** The next rows in the order of their ids. */
  after(id: string, limit: number): Promise<readonly SealedRow[]>;
  /** Replaces a secret that is still sealed as it was before; leaves any other alone. */
  replace(id: string, before: Buffer, after: Buffer): Promise<void>;
}

/** What was found of sealed secrets. */
export interface SealedCounts {
  /** Number of secrets by the id of their key. */
  readonly byKey: ReadonlyMap<number, number>;
  /** Number of those that do not open. */
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

/** Opens every secret, and counts them. */
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
 * Seals every secret anew that is sealed with an older key than this, while others go on using them. Those that do not open stay as
 * they are. Interrupted, it is simply done again.
 * @param box Seals with this key, or with one that followed it.
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
      // Newer when another rotation has begun meanwhile.
      if (sealedWith(sealed)! >= keyId) continue;
      await rows.replace(id, sealed, box.seal(secret, rows.about(id)));
      found += 1;
    }
    moved += found;
    if (found === 0 || pass === MAX_PASSES) return { moved, broken };
  }
}
