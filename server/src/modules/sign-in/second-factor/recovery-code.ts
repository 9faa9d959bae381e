import { createHash, randomBytes } from 'node:crypto';

/** Number of codes issued together. */
export const RECOVERY_CODES = 10;

/** Crockford's base32: no letters that look like digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;

/** Ten new codes such as `7f3k-9x2m-…`, 80 random bits each. */
export const mintRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () =>
    [...randomBytes(LENGTH)]
      .map((byte) => ALPHABET[byte & 31])
      .join('')
      .replace(/(.{4})(?=.)/g, '$1-'),
  );

/** The code in canonical form; null if the text cannot be a code. */
export function readRecoveryCode(text: string): string | null {
  if (text.length > 100) return null;
  const code = text.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
  return code.length === LENGTH && [...code].every((c) => ALPHABET.includes(c)) ? code : null;
}

/** Hash for storage of a code from {@link readRecoveryCode}; the same code of another user has a different hash. */
export const hashRecoveryCode = (userId: string, code: string): Buffer =>
  createHash('sha256').update(`recovery code ${userId} ${code}`).digest();
