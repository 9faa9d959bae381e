import type { Clock } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { Principal } from '../modules/access/decide/principal.js';

/** How long a check of a caller stays valid, in milliseconds. */
const CHECK_VALIDITY_MS = 1000;

/** Looks callers up again. */
export interface CallerSource {
  /** The current state of the caller; null if its session has ended or its key is rejected. */
  refresh(principal: Principal): Promise<Principal | null>;
  /** Grows when this process ends sessions or changes their permissions. */
  readonly generation: number;
}

/**
 * The caller of a long-lived connection. Rechecked before each event, at most once a second unless this process ends
 * sessions.
 */
export class LiveCaller {
  private checkedAt: number;
  private checkedGeneration: number;
  /** The caller's rights at the start; not read from `principal` later, because its roles can change. */
  private readonly rights: string;
  private checking: Promise<void> | undefined;
  private readonly listeners = new Set<(error: AppError) => void>();

  constructor(
    readonly principal: Principal,
    private readonly source: CallerSource,
    private readonly clock: Clock,
  ) {
    this.checkedAt = clock.now();
    this.rights = principal.access.fingerprint;
    this.checkedGeneration = source.generation;
  }

  /** Whether the caller uses a key. Keys are looked up in memory and thus checked each time, so that they end immediately. */
  get isKey(): boolean {
    return this.principal.sessionId === null;
  }

  /** Adds a listener for {@link end}; the returned function removes it. */
  onEnd(listener: (error: AppError) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends everything that the caller has open. */
  end(error: AppError): void {
    for (const listener of this.listeners) listener(error);
  }

  /** Error: UNAUTHENTICATED if the session has ended, the key is rejected, or the caller's rights have changed. */
  async requireLive(): Promise<void> {
    if (this.isChecked()) return;
    // A check in progress may have started before the change in question.
    if (this.checking) await this.checking;
    if (this.isChecked()) return;
    this.checking ??= this.check().finally(() => (this.checking = undefined));
    await this.checking;
  }

  private isChecked(): boolean {
    return (
      !this.isKey &&
      this.checkedGeneration === this.source.generation &&
      Math.abs(this.clock.now() - this.checkedAt) < CHECK_VALIDITY_MS
    );
  }

  private async check(): Promise<void> {
    // Read before the lookup, so that a session that ends during it is looked up again.
    const generation = this.source.generation;
    const now = await this.source.refresh(this.principal);
    if (!now) {
      const message =
        this.principal.sessionId === null
          ? 'This API key is no longer accepted. Subscribe again with one that is.'
          : 'The session has ended. Sign in again.';
      throw new AppError('UNAUTHENTICATED', message);
    }
    if (now.access.fingerprint !== this.rights) {
      throw new AppError('UNAUTHENTICATED', 'Your access has changed. Subscribe again.');
    }
    this.checkedAt = this.clock.now();
    this.checkedGeneration = generation;
  }
}
