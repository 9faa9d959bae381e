import type { Clock } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { Principal } from '../modules/access/principal.js';

/** How long a check of a caller holds, in milliseconds. */
const RECHECK_MS = 1000;

/** Where callers are looked up again. */
export interface CallerSource {
  /** The caller as it is now; null once its session ended or its key is refused. */
  refresh(principal: Principal): Promise<Principal | null>;
  /** Grows when this process ended sessions, or changed what they may do. */
  readonly generation: number;
}

/**
 * A caller of something that outlives one request. Checked again before anything is told, at most once a second while this
 * process ends no session.
 */
export class LiveCaller {
  private checkedAt: number;
  private checkedGeneration: number;
  /** What the caller could do when it began; not read from `principal` later, since roles behind it may change. */
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

  /** Whether it came with a key, which is looked up in memory: each time, so that it ends at once. */
  get isKey(): boolean {
    return this.principal.sessionId === null;
  }

  /** Subscribes to the end of the caller, which {@link end} tells; the returned function ends the subscription. */
  onEnd(listener: (error: AppError) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends all that the caller has open. */
  end(error: AppError): void {
    for (const listener of this.listeners) listener(error);
  }

  /** Error: UNAUTHENTICATED once the session has ended, the key is refused, or what the caller may do has changed. */
  async requireLive(): Promise<void> {
    if (this.isChecked()) return;
    // One that is under way may have looked before what is asked about now.
    if (this.checking) await this.checking;
    if (this.isChecked()) return;
    this.checking ??= this.check().finally(() => (this.checking = undefined));
    await this.checking;
  }

  private isChecked(): boolean {
    return (
      !this.isKey &&
      this.checkedGeneration === this.source.generation &&
      Math.abs(this.clock.now() - this.checkedAt) < RECHECK_MS
    );
  }

  private async check(): Promise<void> {
    // Read before the look-up: what ends during it is looked up again.
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
      throw new AppError('UNAUTHENTICATED', 'What you may do has changed. Subscribe again.');
    }
    this.checkedAt = this.clock.now();
    this.checkedGeneration = generation;
  }
}
