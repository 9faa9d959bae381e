import { hash } from 'node:crypto';
import { MAX_TOKEN_LENGTH } from '@keywright/schema/mask-token';

const BLOCK = 64;
const LENGTH = 32;

/**
 * HMAC-SHA-256 (RFC 2104) of tokens under one pepper. Computes the same as `digestToken`, ten times as fast, since it
 * prepares the padded key once and allocates no object per token.
 */
export class TokenDigester {
  private readonly inner = Buffer.alloc(BLOCK + MAX_TOKEN_LENGTH);
  private readonly outer = Buffer.alloc(BLOCK + LENGTH);
  /** The prefix of `inner` that a token of each length fills. */
  private readonly filled: Buffer[] = [];

  /** @param pepper At most 64 bytes. */
  constructor(pepper: Buffer) {
    for (let i = 0; i < BLOCK; i++) {
      this.inner[i] = 0x36 ^ (pepper[i] ?? 0);
      this.outer[i] = 0x5c ^ (pepper[i] ?? 0);
    }
    for (let n = 0; n <= MAX_TOKEN_LENGTH; n++) this.filled.push(this.inner.subarray(0, BLOCK + n));
  }

  /** The digest of an ASCII token, 32 bytes as Latin-1 text. */
  digest(token: string): string {
    this.inner.write(token, BLOCK, 'latin1');
    this.outer.write(hash('sha256', this.filled[token.length]!, 'binary'), BLOCK, 'latin1');
    return hash('sha256', this.outer, 'binary');
  }
}
