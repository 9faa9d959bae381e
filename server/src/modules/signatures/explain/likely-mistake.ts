import { valuesOf } from '../header-values.js';
import type { SignatureClaim } from '../signature-claim.js';
import type { SignedRequest } from '../signed-request.js';
import { verifySignature } from '../verify-signature.js';
import { variantsOfBase, type SignedVariant } from './base-variants.js';
import { variantsOfExpiry, variantsOfTimestamp } from './text-variants.js';

function variantsOf(claim: SignatureClaim, request: SignedRequest): SignedVariant[] {
  const text = claim.signingInput.toString();
  const { clientId } = claim;
  switch (claim.profile) {
    case 'TIMESTAMP':
      return variantsOfTimestamp(text.slice(0, -clientId.length), clientId);
    case 'EXPIRY':
      return variantsOfExpiry(clientId, text.slice(clientId.length + 1));
    default: {
      const [written] = valuesOf(request.headers, 'signature-input');
      return variantsOfBase(text, typeof written === 'string' ? written.trim() : null);
    }
  }
}

interface SecretVariant {
  readonly mistake: string;
  readonly secret: Buffer;
}

/**
 * Values that clients use instead of the secret by mistake. Each is derived from the whole secret or from public data:
 * trying a part of it would let callers guess it part by part.
 */
function variantsOfSecret(secret: Buffer, keyId: string): SecretVariant[] {
  const text = secret.toString();
  const bare = text.replace(/^kws_/, '');
  return [
    { mistake: 'the secret was used with a line break at its end', secret: Buffer.from(`${text}\n`) },
    { mistake: 'the secret was used with CRLF at its end', secret: Buffer.from(`${text}\r\n`) },
    { mistake: 'the secret was used with a space at its end', secret: Buffer.from(`${text} `) },
    { mistake: 'the secret was used with a space before it', secret: Buffer.from(` ${text}`) },
    { mistake: 'the secret was used with quotes around it', secret: Buffer.from(`"${text}"`) },
    { mistake: 'the secret was used with quotes around it', secret: Buffer.from(`'${text}'`) },
    { mistake: 'the secret was used without kws_, which is part of it', secret: Buffer.from(bare) },
    {
      mistake: 'the secret was decoded as base64; it is used as text',
      secret: Buffer.from(text, 'base64'),
    },
    {
      mistake: 'the secret was decoded as base64, without kws_; it is used as text, in full',
      secret: Buffer.from(bare, 'base64'),
    },
    {
      mistake: 'the secret was encoded as base64 first; it is used as it is',
      secret: Buffer.from(secret.toString('base64')),
    },
    {
      mistake: 'the secret was encoded as hexadecimal digits first; it is used as it is',
      secret: Buffer.from(secret.toString('hex')),
    },
    { mistake: 'the Key ID was used as the secret', secret: Buffer.from(keyId) },
    {
      mistake: 'the masked secret was used, as the details page shows it',
      secret: Buffer.from(`kws_…${text.slice(-4)}`),
    },
  ].filter((variant) => !variant.secret.equals(secret));
}

/**
 * The single mistake that explains a signature mismatch; null if no known mistake does. Each guess is checked by {@link
 * verifySignature}, which answers only yes or no, so nothing else can be learned.
 */
export function likelyMistake(
  claim: SignatureClaim,
  request: SignedRequest,
  { id, secret }: { readonly id: string; readonly secret: Buffer },
): string | null {
  if (secret.length === 0) return null;
  for (const { mistake, text } of variantsOf(claim, request)) {
    if (verifySignature({ ...claim, signingInput: Buffer.from(text) }, secret)) return mistake;
  }
  for (const variant of variantsOfSecret(secret, id)) {
    if (verifySignature(claim, variant.secret)) return variant.mistake;
  }
  return verifySignature({ ...claim, signingInput: secret }, claim.signingInput)
    ? 'the secret and the string to sign were swapped in the HMAC call'
    : null;
}
