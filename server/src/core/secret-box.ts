import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const IV_LENGTH = 12;
const TAG_LENGTH = 16;
/** Names the key in use as the first byte of what is sealed, so that it can be rotated. */
const KEY_ID = 1;

/** What an AAD says: the parts, each with its length, so that no two lists read alike. */
const aadOf = (about: readonly string[]): Buffer =>
  Buffer.from(about.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''));

/**
 * Seals small secrets with AES-256-GCM under a key of one purpose. `about` says what the secret is and whose, such as
 * `['totp', 'usr_…']`: sealed bytes that were moved to another row do not open there.
 */
export class SecretBox {
  constructor(private readonly key: Buffer) {}

  /** The sealed bytes: key id, nonce, ciphertext, tag. */
  seal(plain: Buffer, about: readonly string[]): Buffer {
    const iv = randomBytes(IV_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_LENGTH });
    cipher.setAAD(aadOf(about));
    return Buffer.concat([Buffer.of(KEY_ID), iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** The secret; null when the bytes were not sealed by this key about this. */
  open(sealed: Buffer, about: readonly string[]): Buffer | null {
    if (sealed.length < 1 + IV_LENGTH + TAG_LENGTH || sealed[0] !== KEY_ID) return null;
    const iv = sealed.subarray(1, 1 + IV_LENGTH);
    const decipher = createDecipheriv('aes-256-gcm', this.key, iv, { authTagLength: TAG_LENGTH });
    decipher.setAAD(aadOf(about));
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(1 + IV_LENGTH, -TAG_LENGTH)), decipher.final()]);
    } catch {
      return null;
    }
  }
}
