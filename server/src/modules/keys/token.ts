import { createHmac } from 'node:crypto';
import type { Environment } from '@keywright/schema/environment';
import { MAX_TOKEN_LENGTH } from '@keywright/schema/mask-token';
import { BASE62, randomBase62 } from './base62.js';

const MARKS = { PRODUCTION: 'live', STAGING: 'stag', DEVELOPMENT: 'dev' } as const;
const ALL_MARKS = Object.values(MARKS);
const PUBLIC_LENGTH = 12;
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;

const BODY_LENGTH = PUBLIC_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH;
const UNDERSCORE = 0x5f;

/** A well-formed bearer token with a valid checksum. Says nothing about whether such a key exists. */
export interface ParsedToken {
  readonly token: string;
  readonly publicPart: string;
}

/** Table of CRC-32 (reflected polynomial 0xEDB88320), by byte. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 of the first `length` characters, each of them one byte. */
function crc32(text: string, length: number): number {
  let crc = -1;
  for (let i = 0; i < length; i++) crc = CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Value of each base62 digit by its character code; -1 for everything else. */
const DIGITS = new Int8Array(128).fill(-1);
for (let i = 0; i < BASE62.length; i++) DIGITS[BASE62.charCodeAt(i)] = i;

function checksum(text: string): string {
  let value = crc32(text, text.length);
  let encoded = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    encoded = BASE62[value % 62] + encoded;
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

/** Where the random part starts, after `{brand}_{mark}_`; -1 if the prefix or the length is wrong. */
function bodyStart(brand: string, text: string): number {
  if (!text.startsWith(brand) || text.charCodeAt(brand.length) !== UNDERSCORE) return -1;
  for (const mark of ALL_MARKS) {
    const end = brand.length + 1 + mark.length;
    if (text.startsWith(mark, brand.length + 1) && text.charCodeAt(end) === UNDERSCORE) {
      return text.length === end + 1 + BODY_LENGTH ? end + 1 : -1;
    }
  }
  return -1;
}

/** Reads a token; undefined for anything malformed or with a wrong checksum. No trimming, decoding or normalization. */
export function parseToken(brand: string, text: string): ParsedToken | undefined {
  if (text.length > MAX_TOKEN_LENGTH) return undefined;
  const start = bodyStart(brand, text);
  if (start === -1) return undefined;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 128 || DIGITS[code]! < 0) return undefined;
  }
  const checked = text.length - CHECKSUM_LENGTH;
  let sum = 0;
  for (let i = checked; i < text.length; i++) sum = sum * 62 + DIGITS[text.charCodeAt(i)]!;
  if (sum !== crc32(text, checked)) return undefined;
  return { token: text, publicPart: text.slice(start, start + PUBLIC_LENGTH) };
}

/** What is stored of a bearer token: HMAC-SHA-256 under the pepper, 32 bytes. */
export const digestToken = (pepper: Buffer, token: string): Buffer =>
  createHmac('sha256', pepper).update(token).digest();

/**
 * What remains of a digest after revocation: its first 16 bytes. Enough to tell the holder that this key was revoked,
 * too little to verify with, so that a tombstone can never become a working key again.
 */
export const fingerprintOf = (digest: Buffer): Buffer => Buffer.from(digest.subarray(0, 16));
