/** No key has a higher id. */
export const MAX_KEY_ID = 65_535;

/** More are not remembered, so that ids that somebody made up cost no memory. */
const MAX_REMEMBERED = 256;

/** Whether this can be the id of a key. */
export const isKeyId = (id: number): boolean => Number.isInteger(id) && id >= 1 && id <= MAX_KEY_ID;

/** The ids of the keys that are used for what is new. */
export interface CurrentKeyIds {
  readonly pepperId: number;
  readonly encryptionKeyId: number;
}

/** Keys of one purpose by id. Each is derived when it is first asked for, so every process knows every one of them. */
export class KeyRing {
  private readonly keys = new Map<number, Buffer>();

  /** @param derive Makes the key of an id, always the same one. */
  constructor(private readonly derive: (id: number) => Buffer) {}

  /** The key; undefined for what is no id. */
  get(id: number): Buffer | undefined {
    const known = this.keys.get(id);
    if (known || !isKeyId(id)) return known;
    if (this.keys.size >= MAX_REMEMBERED) this.keys.clear();
    const key = this.derive(id);
    this.keys.set(id, key);
    return key;
  }
}
