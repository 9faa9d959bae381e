import type { Directory } from '../access/directory.js';
import { IndexedKey, type KeyRecord } from './indexed-key.js';
import { KeyProfiles } from './key-rights.js';
import { StringHashTable } from './string-hash-table.js';

/**
 * The replica of all keys in memory, by id and by public part. Revoked keys stay as tombstones, which tell the holder what
 * happened and nobody else anything.
 */
export class KeyIndex {
  private byId = new StringHashTable<IndexedKey>((key, id) => key.record.id === id);
  private byPublicPart = new StringHashTable<IndexedKey>(
    ({ record }, part) => record.publicPart === part || record.previous?.publicPart === part,
  );
  private readonly profiles: KeyProfiles;

  /** @param directory What the grants of keys refer to. */
  constructor(directory: Directory) {
    this.profiles = new KeyProfiles(directory);
  }

  /** The key whose current or previous secret has this public part. */
  find(publicPart: string): IndexedKey | undefined {
    return this.byPublicPart.get(publicPart);
  }

  /** The key with this id. */
  get(id: string): IndexedKey | undefined {
    return this.byId.get(id);
  }

  /** Every key. */
  values(): Iterable<IndexedKey> {
    return this.byId.values();
  }

  /** Number of keys, tombstones included. */
  get size(): number {
    return this.byId.size;
  }

  /** Puts a record in; applying it twice changes nothing, and an older version never replaces a newer one. */
  apply(record: KeyRecord): void {
    const known = this.byId.get(record.id);
    if (known && known.record.version > record.version) return;
    if (known) this.dropPublicParts(known);
    const key = new IndexedKey(record, this.profiles.of(record.traits));
    this.byId.set(key.id, key);
    this.byPublicPart.set(record.publicPart, key);
    if (record.previous) this.byPublicPart.set(record.previous.publicPart, key);
  }

  /** Takes a key out that exists no more. */
  remove(id: string): void {
    const known = this.byId.get(id);
    if (!known) return;
    this.dropPublicParts(known);
    this.byId.delete(id);
  }

  /** Takes over the whole content of another index at once. */
  replaceWith(other: KeyIndex): void {
    this.byId = other.byId;
    this.byPublicPart = other.byPublicPart;
  }

  private dropPublicParts({ record }: IndexedKey): void {
    for (const part of [record.publicPart, record.previous?.publicPart]) {
      if (part !== undefined && this.byPublicPart.get(part)?.id === record.id) this.byPublicPart.delete(part);
    }
  }
}
