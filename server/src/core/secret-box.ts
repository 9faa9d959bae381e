import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './key-ring.js';

const IV_LENGTH = 12;
const TAG_LENGTH = 16;
/** Instead of a one-byte id: a two-byte id follows. */
const LONG_ID = 0;
const MAX_SHORT_ID = 255;

/** The AAD: each part with its length, so that no two lists have the same encoding. */
const aadOf = (about: readonly string[]): Buffer =>
  Buffer.from(about.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''));

const headOf = (id: number): Buffer =>
  id <= MAX_SHORT_ID ? Buffer.of(id) : Buffer.of(LONG_ID, id >> 8, id & 0xff);

/** The key id at the start of sealed bytes and its length in bytes; undefined if there is none. */
function readHead(sealed: Buffer): { id: number; length: number } | undefined {
  if (sealed.length < 3) return undefined;
  if (sealed[0] !== LONG_ID) return { id: sealed[0]!, length: 1 };
  const id = sealed.readUInt16BE(1);
  return id > MAX_SHORT_ID ? { id, length: 3 } : undefined;
}

/** The id of the key that sealed the bytes, as they state it; undefined if they state none. */
export const sealedWith = (sealed: Buffer): number | undefined => readHead(sealed)?.id;

/**
 * Seals small secrets with AES-256-GCM under keys of one purpose. `about` identifies the secret and its owner, such as
 * `['totp', 'usr_…']`, so that sealed bytes do not open in another row.
 */
export class SecretBox {
  /** @param currentId Id of the key that seals. The bytes name the key that opens them. */
  constructor(
    private readonly keys: Pick<KeyRing, 'get'>,
    private readonly currentId: () => number,
  ) {}

  /** The sealed bytes: key id in one byte (above 255: a zero and two bytes), nonce, ciphertext, tag. */
  seal(plain: Buffer, about: readonly string[]): Buffer {
    const id = this.currentId();
    const key = this.keys.get(id);
    if (!key) throw new Error(`Encryption key ${id} does not exist.`);
    const iv = randomBytes(IV_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_LENGTH });
    cipher.setAAD(aadOf(about));
    return Buffer.concat([headOf(id), iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** The secret; null if the bytes were not sealed by a key of this box with the same `about`. */
  open(sealed: Buffer, about: readonly string[]): Buffer | null {
    const head = readHead(sealed);
    const key = head && this.keys.get(head.id);
    if (!key || sealed.length < head.length + IV_LENGTH + TAG_LENGTH) return null;
    const body = sealed.subarray(head.length);
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, IV_LENGTH), {
      authTagLength: TAG_LENGTH,
    });
    decipher.setAAD(aadOf(about));
    decipher.setAuthTag(body.subarray(-TAG_LENGTH));
    try {
      return Buffer.concat([decipher.update(body.subarray(IV_LENGTH, -TAG_LENGTH)), decipher.final()]);
    } catch {
      return null;
    }
  }
}
