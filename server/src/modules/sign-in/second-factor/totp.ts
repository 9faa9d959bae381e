import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long one code is valid, in seconds (RFC 6238; every authenticator app uses this time step). */
const STEP_SECONDS = 30;

/** Tolerated clock skew in time steps, in each direction. */
const SKEW = 1;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new shared secret: 160 random bits, as RFC 4226 recommends. */
export const mintTotpSecret = (): Buffer => randomBytes(20);

/** The time step of a time in milliseconds. */
export const stepAt = (ms: number): number => Math.floor(ms / 1000 / STEP_SECONDS);

/** The code of a time step (RFC 6238 with HMAC-SHA-1, truncated as in RFC 4226 section 5.3). */
export function codeAt(secret: Buffer, step: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const number = mac.readUInt32BE(mac[19]! & 0xf) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The first time step after `lastStep`, at most one away from now, with this code; null if there is none. */
export function acceptedStep(secret: Buffer, code: string, nowMs: number, lastStep: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const given = Buffer.from(code);
  const steps = Array.from({ length: 2 * SKEW + 1 }, (_, i) => stepAt(nowMs) - SKEW + i);
  const matching = steps.filter((step) => timingSafeEqual(Buffer.from(codeAt(secret, step)), given));
  return matching.find((step) => step > lastStep) ?? null;
}

/** Bytes in base32 (RFC 4648) without padding, as authenticator apps read secrets. */
export function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + BASE32[(held << (5 - bits)) & 31] : text;
}

/** The Key URI that authenticator apps read from a QR code. */
export function otpauthUri(secret: Buffer, account: string, issuer = 'Keywright'): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=${STEP_SECONDS}`;
}
