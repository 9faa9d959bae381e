import type { Directory } from '../access/decide/directory.js';
import { IndexedKey, type KeyRecord } from './indexed-key.js';
import { KeyProfiles } from './key-rights.js';
import { StringHashTable } from './string-hash-table.js';

/**
 * The in-memory replica of all keys, by id and by public part. Revoked keys remain as tombstones, which tell only
 * their holder what happened.
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

  get(id: string): IndexedKey | undefined {
    return this.byId.get(id);
  }

  values(): Iterable<IndexedKey> {
    return this.byId.values();
  }

  /** Number of keys, including tombstones. */
  get size(): number {
    return this.byId.size;
  }

  /** Adds or updates a record; idempotent, and an older version never replaces a newer one. */
  apply(record: KeyRecord): void {
    const known = this.byId.get(record.id);
    if (known && known.record.version > record.version) return;
    if (known) this.dropPublicParts(known);
    const key = new IndexedKey(record, this.profiles.of(record.traits));
    this.byId.set(key.id, key);
    this.byPublicPart.set(record.publicPart, key);
    if (record.previous) this.byPublicPart.set(record.previous.publicPart, key);
  }

  /** Removes a key that no longer exists. */
  remove(id: string): void {
    const known = this.byId.get(id);
    if (!known) return;
    this.dropPublicParts(known);
    this.byId.delete(id);
  }

  /** Replaces the whole content with that of another index in one step. */
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
