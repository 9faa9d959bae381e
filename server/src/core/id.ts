import { randomBytes } from 'node:crypto';

/** Crockford base32, lower case, as TypeID uses it. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** The nouns that have a public id, with their prefix. */
export const ID_PREFIXES = {
  apiKey: 'key',
  user: 'usr',
  session: 'ses',
  scope: 'scp',
  role: 'rol',
  request: 'req',
  auditEvent: 'aud',
  serviceAccount: 'sva',
} as const;

/** A prefix of a public id. */
export type IdPrefix = (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES];

let lastMs = 0;
let sequence = 0;

/** 16 bytes of a UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter within the millisecond, 62 random bits. */
function uuidV7(nowMs: number): Buffer {
  const bytes = randomBytes(16);
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = bytes.readUInt16BE(6) & 0x7ff;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes;
}

/** 128 bits as 26 characters of base32, most significant first (TypeID). */
function encode(bytes: Buffer): string {
  let high = bytes.readBigUInt64BE(0);
  let low = bytes.readBigUInt64BE(8);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = ALPHABET[Number(low & 31n)] + text;
    low = (low >> 5n) | ((high & 31n) << 59n);
    high >>= 5n;
  }
  return text;
}

/** A fresh public id such as `key_01h455vb4pex5vsknk084sn02q`: time-ordered within one process. */
export const newId = (prefix: IdPrefix, nowMs: number = Date.now()): string =>
  `${prefix}_${encode(uuidV7(nowMs))}`;

const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Whether the text is a public id of this kind; garbage never reaches a store. */
export const isId = (prefix: IdPrefix, text: string): boolean =>
  text.startsWith(`${prefix}_`) && SUFFIX.test(text.slice(prefix.length + 1));

/** When an id was made, in milliseconds since 1970: its first 48 bits, which are its first ten characters. */
export const timeOfId = (id: string): number =>
  Array.from(id.slice(id.indexOf('_') + 1, id.indexOf('_') + 11)).reduce(
    (ms, c) => ms * 32 + ALPHABET.indexOf(c),
    0,
  );
