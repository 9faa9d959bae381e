import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Claims of a license. */
export interface LicensePayload {
  readonly holder: string;
  readonly maximumKeys: number;
  readonly validUntil: string | null;
}

/** Issues licenses, as the vendor does. */
export interface Licensor {
  /** For `KEYWRIGHT_LICENSE_PUBLIC_KEY`. */
  readonly publicKey: string;
  /** Signs a license: a compact JWS. */
  sign(license: LicensePayload): string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Creates a licensor with a new key. */
export function makeLicensor(): Licensor {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    sign(license) {
      const signed = `${encode({ alg: 'EdDSA' })}.${encode(license)}`;
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  };
}

/** Writes a license file into the directory; returns its path. */
export async function writeLicense(directory: string, token: string): Promise<string> {
  const path = join(directory, 'license.jws');
  await writeFile(path, `${token}\n`);
  return path;
}
