import {
  MAX_NONCES_PER_CUSTOMER,
  MAX_NONCES_PER_KEY,
  mayBeOlder,
  type NonceUse,
  type ShownNonce,
} from './nonce.js';

/** How much a memory of nonces may hold; each entry is at most a few hundred bytes. */
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
 * The nonces that were used in this process and may still come again. Promised:
 * - a nonce is used at most once for a key until its time is over, and the same one until the same time never again, however
 *   the clock steps;
 * - a signature that may have been used before this memory began is not known, and never new;
 * - when full, nothing more is new; no nonce that still counts is forgotten;
 * - what no longer counts is gone with the first use in a later second.
 */
export class NonceMemory {
  private readonly used = new Map<string, Set<string>>();
  private readonly entriesOfCustomer = new Map<string | null, number>();
  /** What is to be forgotten, by the second in which its time ends. */
  private readonly ending = new Map<number, Entry[]>();
  private sweptSecond = -Infinity;
  /** Up to here something may have been forgotten; nothing of that time is new to a clock that stepped back. */
  private forgottenUntilMs = -Infinity;
  private entries = 0;

  /** @param sinceMs From when on it has seen everything, in milliseconds since 1970. */
  constructor(
    private readonly sinceMs: number,
    private readonly bounds: NonceBounds = BOUNDS,
  ) {}

  /** Number of remembered nonces. */
  get size(): number {
    return this.entries;
  }

  /** Uses a nonce of a key, once; to be asked only after the signature was verified: strangers must not fill it. */
  use(nonce: ShownNonce, nowMs: number): NonceUse {
    const use = this.look(nonce, nowMs);
    if (use === 'FIRST') this.remember(nonce, nonce.untilMs);
    return use;
  }

  /**
   * What a use of the nonce would be; looking does not use it. `UNKNOWN` when its time is over, when it may have been used and
   * forgotten, or when there is no room to remember it.
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

  /** Whether a nonce of a key was used and still counts; looking changes nothing. */
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
