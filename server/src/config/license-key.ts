import { createPublicKey, type KeyObject } from 'node:crypto';

const PEM = /^-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----$/;

/**
 * Parses an Ed25519 public key (RFC 8410): SPKI as PEM, in which `\n` is also accepted as a line break, or base64 of its DER.
 * Undefined for anything else.
 */
export function parseLicenseKey(text: string): KeyObject | undefined {
  const lines = text.replaceAll('\\n', '\n').trim();
  const body = PEM.exec(lines)?.[1] ?? lines;
  const base64 = body.replaceAll(/\s/g, '');
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0 || der.toString('base64') !== base64) return undefined;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const whole = key.export({ format: 'der', type: 'spki' }).equals(der);
    return whole && key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}
