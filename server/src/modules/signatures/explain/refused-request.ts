import { valuesOf } from '../header-values.js';
import { isRefusal } from '../signature-claim.js';
import { signatureBase } from '../signature-base.js';
import { readSignatureFields } from '../signature-input.js';
import type { SignatureProfile } from '../signature-profile.js';
import type { SignedRequest } from '../signed-request.js';

const NOT_SIGNED =
  'The request is not signed in a supported way: there is neither Signature-Input, nor X-Frame-ClientId or X-Client-Id with a timestamp or a signature, nor AccessID in the query.';

/** Why a request counts as unsigned, with the closest match. */
export function looksSigned({ headers, url }: SignedRequest): string {
  const has = (name: string): boolean => valuesOf(headers, name).length > 0;
  if (has('signature')) return `${NOT_SIGNED} There is a Signature without Signature-Input.`;
  if (has('x-timestamp') || has('x-signature')) {
    return `${NOT_SIGNED} There is a timestamp or a signature, but no X-Client-Id.`;
  }
  if (typeof url === 'string' && /[?&](?:accessid|access_id|expires|signature)=/i.test(url)) {
    return `${NOT_SIGNED} The query parameters must be named AccessID, Expires and Signature, in exactly this case.`;
  }
  return NOT_SIGNED;
}

/** The string to sign of a refused request; null if it depends on the part that is wrong. */
export function stringOfRefused(request: SignedRequest, profile: SignatureProfile): string | null {
  if (profile !== 'RFC9421') return null;
  const values = (name: string): readonly unknown[] => valuesOf(request.headers, name);
  const fields = readSignatureFields(values('signature-input'), values('signature'));
  if (isRefusal(fields)) return null;
  const base = signatureBase(request, fields.input);
  return isRefusal(base) ? null : base;
}
