import { hash } from 'node:crypto';
import { KnownKey, type KnownToken } from './known-key.js';
import type { LocalKey } from './protocol.js';

/** What a token is remembered under. */
export const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** What of a token may be shown: prefix, ellipsis, last four characters. */
const mask = (token: string): string => `${token.slice(0, token.lastIndexOf('_') + 1)}…${token.slice(-4)}`;

/**
 * The tokens that were proven, under their digests. When there are too many, the one that was not used for long is forgotten:
 * those in use are passed over once (the clock algorithm), so that a use costs no more than setting a flag.
 */
export class Memory {
  private tokens = new Map<string, KnownToken>();
  private keys = new Map<string, KnownKey>();

  /** `onForgotten` is told of each key that is remembered no longer, for whatever reason. */
  constructor(
    private readonly capacity: number,
    private readonly onForgotten: (key: KnownKey) => void,
  ) {}

  get size(): number {
    return this.tokens.size;
  }

  find(digest: string): KnownToken | undefined {
    const token = this.tokens.get(digest);
    if (token) token.used = true;
    return token;
  }

  findKey(keyId: string): KnownKey | undefined {
    return this.keys.get(keyId);
  }

  /** All keys. */
  all(): Iterable<KnownKey> {
    return this.keys.values();
  }

  /** Remembers a proven token. Returns the ids of keys that had to be forgotten for it. */
  add(digest: string, token: string, record: LocalKey): string[] {
    const existing = this.tokens.get(digest);
    if (existing) this.remove(existing);
    let key = this.keys.get(record.keyId);
    if (!key) this.keys.set(record.keyId, (key = new KnownKey(record)));
    const known = {
      digest,
      key,
      previousUntilMs: record.previousSecretUntilMs,
      masked: mask(token),
      used: true,
    };
    this.tokens.set(digest, known);
    key.tokens.add(known);
    const forgotten: string[] = [];
    while (this.tokens.size > this.capacity) {
      const unused = this.pickUnused();
      if (this.remove(unused)) forgotten.push(unused.key.record.keyId);
    }
    return forgotten;
  }

  /** Forgets one token. Whether its key is forgotten with it. */
  remove(token: KnownToken): boolean {
    const { key } = token;
    if (this.tokens.get(token.digest) === token) this.tokens.delete(token.digest);
    key.tokens.delete(token);
    if (key.tokens.size > 0 || this.keys.get(key.record.keyId) !== key) return false;
    this.keys.delete(key.record.keyId);
    this.onForgotten(key);
    return true;
  }

  /** Forgets a key with all its tokens. */
  forget(keyId: string): void {
    for (const token of this.keys.get(keyId)?.tokens ?? []) this.remove(token);
  }

  /** Forgets everything. */
  clear(): void {
    const keys = [...this.keys.values()];
    this.tokens = new Map();
    this.keys = new Map();
    for (const key of keys) this.onForgotten(key);
  }

  private pickUnused(): KnownToken {
    for (const [digest, token] of this.tokens) {
      if (!token.used) return token;
      token.used = false;
      this.tokens.delete(digest);
      this.tokens.set(digest, token);
    }
    throw new Error('There is nothing to forget.');
  }
}
