import type { CurrentKeyIds, KeyRing } from '../../core/key-ring.js';
import { digestToken } from './token.js';

/** Maximum number of waiting keys; further keys are upgraded on their next use. */
const MAX_WAITING = 10_000;

/** What is stored of a proven secret. */
export interface StoredDigest {
  readonly apiKeyId: string;
  readonly digest: Buffer;
  readonly pepperId: number;
}

/** A digest that replaces an older one, while that one is still stored. */
export interface DigestUpgrade extends StoredDigest {
  readonly before: Pick<StoredDigest, 'digest' | 'pepperId'>;
}

/**
 * The digests to move to the current pepper. A digest can only be computed from its token, so a key is moved when it
 * is used.
 */
export class DigestUpgrades {
  private readonly waiting = new Map<string, DigestUpgrade>();

  constructor(
    private readonly peppers: Pick<KeyRing, 'get'>,
    private readonly ids: Pick<CurrentKeyIds, 'pepperId'>,
  ) {}

  /** Whether the digest of a key should be moved; costs nothing if it has the current pepper. */
  wants(apiKeyId: string, pepperId: number): boolean {
    return pepperId < this.ids.pepperId && !this.waiting.has(apiKeyId) && this.waiting.size < MAX_WAITING;
  }

  /** Records a key that has just proven its secret. */
  record({ apiKeyId, digest, pepperId }: StoredDigest, token: string): void {
    if (!this.wants(apiKeyId, pepperId)) return;
    const current = this.ids.pepperId;
    const pepper = this.peppers.get(current);
    if (!pepper) return;
    this.waiting.set(apiKeyId, {
      apiKeyId,
      digest: digestToken(pepper, token),
      pepperId: current,
      before: { digest, pepperId },
    });
  }

  /** The upgrades that have waited longest. */
  next(limit: number): DigestUpgrade[] {
    const next: DigestUpgrade[] = [];
    for (const upgrade of this.waiting.values()) {
      if (next.length >= limit) break;
      next.push(upgrade);
    }
    return next;
  }

  /** Removes the upgrades that were written. */
  done(upgrades: readonly DigestUpgrade[]): void {
    for (const { apiKeyId } of upgrades) this.waiting.delete(apiKeyId);
  }

  /** Number of waiting keys. */
  get size(): number {
    return this.waiting.size;
  }
}
