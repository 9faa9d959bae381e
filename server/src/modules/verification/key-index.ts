import type { Directory } from '../access/directory.js';
import { IndexedKey, type KeyRecord } from './indexed-key.js';

/** What a public part leads to: a key, by its current or by its previous secret. */
export interface KeySlot {
  readonly key: IndexedKey;
  readonly previous: boolean;
}

/**
 * The replica of all keys in memory, by id and by public part. Revoked keys stay as tombstones, which tell the holder what
 * happened and nobody else anything.
 */
export class KeyIndex {
  private byId = new Map<string, IndexedKey>();
  private byPublicPart = new Map<string, KeySlot>();

  /** @param directory What the grants of keys refer to. */
  constructor(private readonly directory: Directory) {}

  /** The key whose current or previous secret has this public part. */
  find(publicPart: string): KeySlot | undefined {
    return this.byPublicPart.get(publicPart);
  }

  /** The key with this id. */
  get(id: string): IndexedKey | undefined {
    return this.byId.get(id);
  }

  /** Number of keys, tombstones included. */
  get size(): number {
    return this.byId.size;
  }

  /** Puts a record in; applying it twice changes nothing, and an older version never replaces a newer one. */
  apply(record: KeyRecord): void {
    const known = this.byId.get(record.id);
    if (known && known.record.version > record.version) return;
    if (known) this.dropSlots(known);
    const key = new IndexedKey(record, this.directory);
    this.byId.set(key.id, key);
    this.byPublicPart.set(record.publicPart, { key, previous: false });
    if (record.previous) this.byPublicPart.set(record.previous.publicPart, { key, previous: true });
  }

  /** Takes a key out that exists no more. */
  remove(id: string): void {
    const known = this.byId.get(id);
    if (!known) return;
    this.dropSlots(known);
    this.byId.delete(id);
  }

  /** Takes over the whole content of another index at once. */
  replaceWith(other: KeyIndex): void {
    this.byId = other.byId;
    this.byPublicPart = other.byPublicPart;
  }

  private dropSlots({ record }: IndexedKey): void {
    for (const part of [record.publicPart, record.previous?.publicPart]) {
      if (part !== undefined && this.byPublicPart.get(part)?.key.id === record.id)
        this.byPublicPart.delete(part);
    }
  }
}
