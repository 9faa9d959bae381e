/** Highest id of a key. */
export const MAX_KEY_ID = 65_535;

/** Bounds the cache, so that made-up ids cannot fill the memory. */
const MAX_CACHED_KEYS = 256;

/** Whether the number is a valid key id. */
export const isKeyId = (id: number): boolean => Number.isInteger(id) && id >= 1 && id <= MAX_KEY_ID;

/** Ids of the keys that new secrets use. */
export interface CurrentKeyIds {
  readonly pepperId: number;
  readonly encryptionKeyId: number;
}

/** Keys of one purpose by id. Each key is derived on first use, so every process can derive all of them. */
export class KeyRing {
  private readonly keys = new Map<number, Buffer>();

  /** @param derive Derives the key of an id; deterministic. */
  constructor(private readonly derive: (id: number) => Buffer) {}

  /** The key with this id; undefined for an invalid id. */
  get(id: number): Buffer | undefined {
    const known = this.keys.get(id);
    if (known || !isKeyId(id)) return known;
    if (this.keys.size >= MAX_CACHED_KEYS) this.keys.clear();
    const key = this.derive(id);
    this.keys.set(id, key);
    return key;
  }
}
