import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, open, readFile } from 'node:fs/promises';
import { KeyRing, type CurrentKeyIds } from '../core/key-ring.js';
import { SecretBox } from '../core/secret-box.js';
import { StartError } from './start-error.js';

const LENGTH = 32;
const CANARY = Buffer.from('keywright canary');

/** Everything derived from the master key. */
export interface Secrets {
  /** Ids of the keys in use right now. */
  readonly ids: CurrentKeyIds;
  /** Keys for the digests of bearer tokens, 32 bytes each. */
  readonly peppers: KeyRing;
  /** Seals and opens secrets of one purpose, such as `second factor`, with separate keys. */
  boxFor(purpose: string): SecretBox;
  /** Seals the start-up canary. */
  seal(): Buffer;
  /** Whether this master key sealed the canary. */
  opens(sealed: Buffer): boolean;
}

const derive = (master: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `keywright ${purpose}`, LENGTH));

/**
 * Derives the secrets with HKDF-SHA-256 (RFC 5869), one per purpose and id.
 * @param ids Ids of the keys for new secrets; read on each use.
 */
export function deriveSecrets(master: Buffer, ids: CurrentKeyIds): Secrets {
  const canaryKey = derive(master, 'canary 1');
  const ring = (name: string): KeyRing => new KeyRing((id) => derive(master, `${name} ${id}`));
  return {
    ids,
    peppers: ring('pepper'),
    boxFor: (purpose) => new SecretBox(ring(`${purpose} box`), () => ids.encryptionKeyId),
    seal() {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', canaryKey, iv, { authTagLength: 16 });
      return Buffer.concat([iv, cipher.update(CANARY), cipher.final(), cipher.getAuthTag()]);
    },
    opens(sealed) {
      if (sealed.length !== 12 + CANARY.length + 16) return false;
      const decipher = createDecipheriv('aes-256-gcm', canaryKey, sealed.subarray(0, 12), {
        authTagLength: 16,
      });
      decipher.setAuthTag(sealed.subarray(-16));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).equals(CANARY);
      } catch {
        return false;
      }
    },
  };
}

function parse(path: string, text: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (key.length !== LENGTH || key.toString('base64') !== trimmed) {
    throw new StartError(
      `The master key in ${path} is broken: it must be 32 bytes in base64. Restore it from your backup; without it no key can be verified.`,
    );
  }
  return key;
}

/** Reads the master key; undefined if the file does not exist. Error: {@link StartError} if it is unreadable or broken. */
export async function readMasterKey(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StartError(`The master key in ${path} cannot be read: ${(cause as Error).message}.`);
  }
  return parse(path, text);
}

/** Creates a master key that only this user can read; never overwrites one. */
export async function createMasterKey(path: string): Promise<Buffer> {
  const key = randomBytes(LENGTH);
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${key.toString('base64')}\n`);
    await file.sync();
    await file.close();
    await chmod(path, 0o600);
  } catch (cause) {
    throw new StartError(`The master key cannot be written to ${path}: ${(cause as Error).message}.`);
  }
  return key;
}
