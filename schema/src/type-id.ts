import { randomFillSync } from 'node:crypto';

/** Lowercase Crockford base32: the digits of a TypeID in ascending order. */
export const TYPE_ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const CODES = Buffer.from(TYPE_ID_ALPHABET, 'latin1');
const LENGTH = 26;

const RANDOM_BYTES = 8;
/** Random bytes are drawn in bulk: one system call per id would cost more than everything else. */
const pool = Buffer.alloc(RANDOM_BYTES * 4096);
let used = pool.length;

let lastMs = 0;
let sequence = 0;
const bytes = Buffer.alloc(16);
const text = Buffer.alloc(LENGTH);

/** Fills `bytes` with a UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter within the millisecond, 62 random bits. */
function fillUuidV7(nowMs: number): void {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  pool.copy(bytes, 8, used, used + RANDOM_BYTES);
  if (nowMs > lastMs) {
    lastMs = nowMs;
    sequence = pool.readUInt16BE(used) & 0x7ff;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  used += RANDOM_BYTES;
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
}

/** Encodes the 128 bits of `bytes` as 26 base32 characters, most significant first (TypeID). */
function encode(): string {
  let bits = 2;
  let rest = 0;
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    rest = (rest << 8) | bytes[i]!;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text[length++] = CODES[(rest >> bits) & 31]!;
    }
    rest &= (1 << bits) - 1;
  }
  return text.toString('latin1', 0, LENGTH);
}

/** A new TypeID such as `key_01h455vb4pex5vsknk084sn02q`: time-ordered within one process. */
export function newTypeId(prefix: string, nowMs: number): string {
  fillUuidV7(nowMs);
  return `${prefix}_${encode()}`;
}
