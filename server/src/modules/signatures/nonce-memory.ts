import {
  MAX_NONCES_PER_CUSTOMER,
  MAX_NONCES_PER_KEY,
  mayBeOlder,
  type NonceUse,
  type ShownNonce,
} from './nonce.js';

/** Limits of a nonce memory, in entries of at most a few hundred bytes. */
export interface NonceBounds {
  readonly maxEntries: number;
  readonly maxEntriesPerKey: number;
  readonly maxEntriesPerCustomer: number;
}

const BOUNDS: NonceBounds = {
  maxEntries: 500_000,
  maxEntriesPerKey: MAX_NONCES_PER_KEY,
  maxEntriesPerCustomer: MAX_NONCES_PER_CUSTOMER,
};

type Entry = Pick<ShownNonce, 'keyId' | 'customerId' | 'value'>;

/**
 * Nonces that were used in this process and have not expired. Guarantees:
 * - a key can use a nonce only once before it expires, and never again with the same expiry, even if the clock steps;
 * - a signature that may have been used before this memory started is never accepted as new;
 * - when the memory is full, no nonce is accepted as new; unexpired nonces are never evicted;
 * - expired nonces are removed at the first use in a later second.
 */
export class NonceMemory {
  private readonly used = new Map<string, Set<string>>();
  private readonly entriesOfCustomer = new Map<string | null, number>();
  /** Entries to remove, by the second in which they expire. */
  private readonly ending = new Map<number, Entry[]>();
  private sweptSecond = -Infinity;
  /** Entries may have been removed up to this time; after the clock steps back, no earlier nonce counts as new. */
  private forgottenUntilMs = -Infinity;
  private entries = 0;

  /** @param sinceMs The time since when the memory has seen every use, in milliseconds since 1970. */
  constructor(
    private readonly sinceMs: number,
    private readonly bounds: NonceBounds = BOUNDS,
  ) {}

  /** Number of stored nonces. */
  get size(): number {
    return this.entries;
  }

  /**
   * Uses a nonce of a key, once. Call it only after the signature was verified, so that strangers cannot fill the
   * memory.
   */
  use(nonce: ShownNonce, nowMs: number): NonceUse {
    const use = this.look(nonce, nowMs);
    if (use === 'FIRST') this.remember(nonce, nonce.untilMs);
    return use;
  }

  /**
   * The result that using the nonce would have, without using it. `UNKNOWN` if the nonce has expired, may have been
   * used and removed, or if there is no space for it.
   */
  look({ keyId, customerId, value, createdMs, untilMs }: ShownNonce, nowMs: number): NonceUse {
    this.sweep(nowMs);
    if (this.has(keyId, value)) return 'REPEATED';
    if (!(untilMs >= nowMs) || untilMs < this.forgottenUntilMs || untilMs === Infinity) return 'UNKNOWN';
    if (mayBeOlder(createdMs, this.sinceMs)) return 'UNKNOWN';
    const { maxEntries, maxEntriesPerKey, maxEntriesPerCustomer } = this.bounds;
    const hasRoom =
      this.entries < maxEntries &&
      (this.used.get(keyId)?.size ?? 0) < maxEntriesPerKey &&
      (this.entriesOfCustomer.get(customerId) ?? 0) < maxEntriesPerCustomer;
    return hasRoom ? 'FIRST' : 'UNKNOWN';
  }

  /** Whether a key has used a nonce that has not expired; changes nothing. */
  has(keyId: string, nonce: string): boolean {
    return this.used.get(keyId)?.has(nonce) ?? false;
  }

  private remember({ keyId, customerId, value }: Entry, untilMs: number): void {
    const entry: Entry = { keyId, customerId, value };
    const nonces = this.used.get(entry.keyId);
    if (nonces) nonces.add(entry.value);
    else this.used.set(entry.keyId, new Set([entry.value]));
    const second = Math.floor(untilMs / 1000);
    const together = this.ending.get(second);
    if (together) together.push(entry);
    else this.ending.set(second, [entry]);
    this.entries++;
    this.entriesOfCustomer.set(customerId, (this.entriesOfCustomer.get(customerId) ?? 0) + 1);
  }

  private sweep(nowMs: number): void {
    const nowSecond = Math.floor(nowMs / 1000);
    if (nowSecond === this.sweptSecond) return;
    this.sweptSecond = nowSecond;
    for (const [second, entries] of this.ending) {
      if (second >= nowSecond) continue;
      for (const entry of entries) this.forget(entry);
      this.ending.delete(second);
      this.forgottenUntilMs = Math.max(this.forgottenUntilMs, (second + 1) * 1000);
    }
  }

  private forget({ keyId, customerId, value }: Entry): void {
    const nonces = this.used.get(keyId);
    nonces?.delete(value);
    if (nonces?.size === 0) this.used.delete(keyId);
    this.entries--;
    const left = this.entriesOfCustomer.get(customerId)! - 1;
    if (left === 0) this.entriesOfCustomer.delete(customerId);
    else this.entriesOfCustomer.set(customerId, left);
  }
}
