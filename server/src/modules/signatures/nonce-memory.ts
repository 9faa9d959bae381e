/** How much a memory of nonces may hold; each entry is at most a few hundred bytes. */
export interface NonceBounds {
  readonly maxEntries: number;
  /** So that one busy key cannot keep all the others from being used. */
  readonly maxEntriesPerKey: number;
}

const BOUNDS: NonceBounds = { maxEntries: 500_000, maxEntriesPerKey: 100_000 };

interface Entry {
  readonly keyId: string;
  readonly nonce: string;
}

/**
 * The nonces that were used on this node and may still come again. Promised:
 * - a nonce is used at most once for a key until its time is over, and the same one until the same time never again, however
 *   the clock steps;
 * - when full, new nonces are refused; none that still counts is forgotten;
 * - what no longer counts is gone with the first use in a later second.
 */
export class NonceMemory {
  private readonly used = new Map<string, Set<string>>();
  /** What is to be forgotten, by the second in which its time ends. */
  private readonly ending = new Map<number, Entry[]>();
  private sweptSecond = -Infinity;
  /** Up to here something may have been forgotten; nothing of that time is new to a clock that stepped back. */
  private forgottenUntilMs = -Infinity;
  private entries = 0;

  constructor(private readonly bounds: NonceBounds = BOUNDS) {}

  /** Number of remembered nonces. */
  get size(): number {
    return this.entries;
  }

  /**
   * Uses a nonce of a key. False when it was used before, when its time (inclusive, milliseconds since 1970) is over, or when
   * there is no room to remember it. To be asked only after the signature was verified: strangers must not fill it.
   */
  use(keyId: string, nonce: string, untilMs: number, nowMs: number): boolean {
    this.sweep(nowMs);
    if (!(untilMs >= nowMs) || untilMs < this.forgottenUntilMs || untilMs === Infinity) return false;
    const nonces = this.used.get(keyId);
    if (nonces?.has(nonce)) return false;
    const { maxEntries, maxEntriesPerKey } = this.bounds;
    if (this.entries >= maxEntries || (nonces?.size ?? 0) >= maxEntriesPerKey) return false;
    this.remember({ keyId, nonce }, untilMs);
    return true;
  }

  private remember(entry: Entry, untilMs: number): void {
    const nonces = this.used.get(entry.keyId);
    if (nonces) nonces.add(entry.nonce);
    else this.used.set(entry.keyId, new Set([entry.nonce]));
    const second = Math.floor(untilMs / 1000);
    const together = this.ending.get(second);
    if (together) together.push(entry);
    else this.ending.set(second, [entry]);
    this.entries++;
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

  private forget({ keyId, nonce }: Entry): void {
    const nonces = this.used.get(keyId);
    nonces?.delete(nonce);
    if (nonces?.size === 0) this.used.delete(keyId);
    this.entries--;
  }
}
