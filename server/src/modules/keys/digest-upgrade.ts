import type { CurrentKeyIds, KeyRing } from '../../core/key-ring.js';
import { digestToken } from './token.js';

/** More keys do not wait; whichever is left out comes again when it is next used. */
const MAX_WAITING = 10_000;

/** What is stored of a proven secret. */
export interface StoredDigest {
  readonly apiKeyId: string;
  readonly digest: Buffer;
  readonly pepperId: number;
}

/** A digest that takes the place of an older one, while that one is still there. */
export interface DigestUpgrade extends StoredDigest {
  readonly before: Pick<StoredDigest, 'digest' | 'pepperId'>;
}

/**
 * The digests that are to be moved to the pepper in use. A digest cannot be made without its token, so that a key is moved
 * when somebody uses it.
 */
export class DigestUpgrades {
  private readonly waiting = new Map<string, DigestUpgrade>();

  constructor(
    private readonly peppers: Pick<KeyRing, 'get'>,
    private readonly ids: Pick<CurrentKeyIds, 'pepperId'>,
  ) {}

  /** Whether the digest of a key is to be moved; costs nothing while its pepper is the one in use. */
  wants(apiKeyId: string, pepperId: number): boolean {
    return pepperId < this.ids.pepperId && !this.waiting.has(apiKeyId) && this.waiting.size < MAX_WAITING;
  }

  /** Takes note of a key that has just proven its secret. */
  note({ apiKeyId, digest, pepperId }: StoredDigest, token: string): void {
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

  /** Those that have waited longest. */
  next(limit: number): DigestUpgrade[] {
    const next: DigestUpgrade[] = [];
    for (const upgrade of this.waiting.values()) {
      if (next.length >= limit) break;
      next.push(upgrade);
    }
    return next;
  }

  /** Forgets those that were written. */
  done(upgrades: readonly DigestUpgrade[]): void {
    for (const { apiKeyId } of upgrades) this.waiting.delete(apiKeyId);
  }

  /** Number of keys that wait. */
  get size(): number {
    return this.waiting.size;
  }
}
