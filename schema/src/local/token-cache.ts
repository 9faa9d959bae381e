import { hash } from 'node:crypto';
import { maskToken } from '../verification/mask-token.js';
import { CachedKey, type CachedToken } from './cached-key.js';
import type { LocalKey } from './protocol.js';

/** The cache key of a token. */
export const digestOf = (token: string): string => hash('sha256', token, 'base64');

/**
 * The proven tokens by digest. When full, it evicts tokens not used recently by the clock algorithm: a recently used token gets
 * a second chance, so a use costs no more than setting a flag.
 */
export class TokenCache {
  private tokens = new Map<string, CachedToken>();
  private keys = new Map<string, CachedKey>();

  /** `onRemoved` is called for each key that leaves the cache, for any reason. */
  constructor(
    private readonly capacity: number,
    private readonly onRemoved: (key: CachedKey) => void,
  ) {}

  get size(): number {
    return this.tokens.size;
  }

  find(digest: string): CachedToken | undefined {
    const token = this.tokens.get(digest);
    if (token) token.used = true;
    return token;
  }

  findKey(keyId: string): CachedKey | undefined {
    return this.keys.get(keyId);
  }

  all(): Iterable<CachedKey> {
    return this.keys.values();
  }

  /** Caches a proven token. Returns the ids of keys evicted for it. */
  add(digest: string, token: string, record: LocalKey): string[] {
    const existing = this.tokens.get(digest);
    if (existing) this.remove(existing);
    let key = this.keys.get(record.keyId);
    if (!key) this.keys.set(record.keyId, (key = new CachedKey(record)));
    const known = {
      digest,
      key,
      previousUntilMs: record.previousSecretUntilMs,
      masked: maskToken(token),
      used: true,
    };
    this.tokens.set(digest, known);
    key.tokens.add(known);
    const evicted: string[] = [];
    while (this.tokens.size > this.capacity) {
      const unused = this.pickUnused();
      if (this.remove(unused)) evicted.push(unused.key.record.keyId);
    }
    return evicted;
  }

  /** Removes one token. Returns whether its key was removed with it. */
  remove(token: CachedToken): boolean {
    const { key } = token;
    if (this.tokens.get(token.digest) === token) this.tokens.delete(token.digest);
    key.tokens.delete(token);
    if (key.tokens.size > 0 || this.keys.get(key.record.keyId) !== key) return false;
    this.keys.delete(key.record.keyId);
    this.onRemoved(key);
    return true;
  }

  /** Removes a key with all its tokens. */
  forget(keyId: string): void {
    for (const token of this.keys.get(keyId)?.tokens ?? []) this.remove(token);
  }

  clear(): void {
    const keys = [...this.keys.values()];
    this.tokens = new Map();
    this.keys = new Map();
    for (const key of keys) this.onRemoved(key);
  }

  private pickUnused(): CachedToken {
    for (const [digest, token] of this.tokens) {
      if (!token.used) return token;
      token.used = false;
      this.tokens.delete(digest);
      this.tokens.set(digest, token);
    }
    throw new Error('There is nothing to evict.');
  }
}
