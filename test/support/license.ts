import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a licence says. */
export interface LicensePayload {
  readonly holder: string;
  readonly maximumKeys: number;
  readonly validUntil: string | null;
}

/** Gives out licences, as whoever sells them does. */
export interface Licensor {
  /** For `KEYWRIGHT_LICENSE_PUBLIC_KEY`. */
  readonly publicKey: string;
  /** Signs a licence: a compact JWS. */
  sign(license: LicensePayload): string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A licensor with a key of its own. */
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

/** Writes a licence file into the directory; returns its path. */
export async function writeLicense(directory: string, token: string): Promise<string> {
  const path = join(directory, 'license.jws');
  await writeFile(path, `${token}\n`);
  return path;
}
