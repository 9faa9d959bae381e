import type { SignatureProfile } from '../signature-profile.js';
import type { SignedRequest } from '../signed-request.js';
import { writtenSignature } from './signed-parts.js';

/** A follow-up sentence if the base64 of a signature has lost its case, which cannot be undone. */
export function lostCase(request: SignedRequest, profile: SignatureProfile): string {
  if (profile === 'TIMESTAMP') return '';
  const text = writtenSignature(request, profile)?.replace(/^[^=:]*=:/, '') ?? '';
  if (!/[a-z]/i.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text))) return '';
  const which = /[a-z]/.test(text) ? 'lower' : 'upper';
  return ` All its letters are ${which} case, and base64 is case-sensitive.`;
}
