import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Where a key may be used; chosen at creation, never changed. */
export type Environment = 'PRODUCTION' | 'STAGING' | 'DEVELOPMENT';

/** All environments. */
export const ENVIRONMENTS: readonly Environment[] = ['PRODUCTION', 'STAGING', 'DEVELOPMENT'];

const MARKS = { PRODUCTION: 'live', STAGING: 'stag', DEVELOPMENT: 'dev' } as const;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PUBLIC_LENGTH = 12;
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
/** No token is longer; nothing longer is ever hashed. */
export const MAX_TOKEN_LENGTH = 80;

const TOKEN = /^([a-z][a-z0-9]{0,15})_(live|stag|dev)_([0-9A-Za-z]{12})([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

/** A bearer token that is well formed and whose checksum holds. Says nothing about whether such a key exists. */
export interface ParsedToken {
  readonly token: string;
  readonly publicPart: string;
}

/** Uniform base62 text from the system's random source, by rejection sampling. */
function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}

function checksum(text: string): string {
  let value = crc32(text);
  let encoded = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    encoded = ALPHABET[value % 62] + encoded;
    value = Math.floor(value / 62);
  }
  return encoded;
}

/** A new bearer token: `{brand}_{live|stag|dev}_` + 12 public + 32 secret (190 bits) + 6 of CRC-32, all base62. */
export function mintToken(brand: string, environment: Environment): ParsedToken {
  const publicPart = randomBase62(PUBLIC_LENGTH);
  const body = `${brand}_${MARKS[environment]}_${publicPart}${randomBase62(SECRET_LENGTH)}`;
  return { token: body + checksum(body), publicPart };
}

/** Reads a token; undefined for anything malformed or with a wrong checksum. No trimming, decoding or normalising. */
export function parseToken(brand: string, text: string): ParsedToken | undefined {
  if (text.length > MAX_TOKEN_LENGTH) return undefined;
  const match = TOKEN.exec(text);
  if (!match || match[1] !== brand) return undefined;
  if (checksum(text.slice(0, -CHECKSUM_LENGTH)) !== match[5]) return undefined;
  return { token: text, publicPart: match[3]! };
}

/** What of a token may be shown: prefix, ellipsis, last four characters. */
export function maskToken(token: string): string {
  const prefix = token.slice(0, token.lastIndexOf('_') + 1);
  return `${prefix}…${tokenTail(token)}`;
}

/** Last four characters of a token. */
export const tokenTail = (token: string): string => token.slice(-4);

/** What is stored of a bearer token: HMAC-SHA-256 under the pepper, 32 bytes. */
export const digestToken = (pepper: Buffer, token: string): Buffer =>
  createHmac('sha256', pepper).update(token).digest();

/**
 * What is left of a digest after revocation: its first 16 bytes. Enough to tell the holder that this key was revoked,
 * too little to verify with, so that a tombstone can never become a working key again.
 */
export const fingerprintOf = (digest: Buffer): Buffer => Buffer.from(digest.subarray(0, 16));
