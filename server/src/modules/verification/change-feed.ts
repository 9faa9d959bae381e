import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { Emitter } from '../../core/events.js';
import type { ChangedIds, ChangeSource } from './change-source.js';
import { FeedRetention } from './feed-retention.js';
import type { Replica } from './replica.js';
import { parseSnapshot, sees, type Snapshot } from './snapshot.js';
import { isAnswer, isFresh } from './staleness.js';

const POLL_EVERY_MS = 1000;
/** Changes are kept for an hour; a cursor that is nearly as old starts over. */
const MAX_CURSOR_AGE_MS = 50 * 60_000;

/** What a {@link ChangeFeed} works with. */
export interface ChangeFeedParts {
  readonly source: ChangeSource;
  readonly replica: Pick<Replica, 'reload' | 'apply'>;
  /** Monotonic. */
  readonly clock: Clock;
  /** How long known keys go on verifying while the database cannot be reached. */
  readonly maxStalenessSeconds: number;
  /** Told once when the feed breaks and once when it is back. */
  readonly log: (message: string, error?: unknown) => void;
}

/**
 * Keeps the replica current: reads what committed since its snapshot each second, and at once when woken. Never ends
 * the process when the database is lost; it goes on trying and the state ages.
 */
export class ChangeFeed {
  /** Emits after changes were applied. */
  readonly applied = new Emitter<ChangedIds>();
  private cursor: Snapshot | null = null;
  private installationId: string | null = null;
  private syncedAtMs = -Infinity;
  private answeredAtMs = -Infinity;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private broken = false;
  private readonly retention: FeedRetention;

  constructor(private readonly parts: ChangeFeedParts) {
    this.retention = new FeedRetention(parts.source, parts.clock);
  }

  /** Loads all keys and begins to follow. Error: whatever kept the first load from succeeding. */
  async start(): Promise<void> {
    await this.catchUp();
    this.timer = setInterval(() => void this.catchUp().catch(() => undefined), POLL_EVERY_MS);
    this.timer.unref();
  }

  /** Ends the polling and waits for the poll that is under way. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled([this.running, this.next]);
  }

  /** Resolves when everything that had committed before the call is applied: by a poll that starts after it, shared by all who wait. */
  catchUp(): Promise<void> {
    this.next ??= (this.running ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.next = null;
        const poll = this.poll().finally(() => {
          if (this.running === poll) this.running = null;
        });
        this.running = poll;
        return poll;
      });
    return this.next;
  }

  /** Notes that the database answered elsewhere, so that an old state is not mistaken for a lost database. */
  noteAnswer(): void {
    this.answeredAtMs = this.parts.clock.now();
  }

  /** Whether a committed transaction is applied here. */
  hasApplied(xid: bigint): boolean {
    return this.cursor !== null && sees(this.cursor, xid);
  }

  /** Age of the state in milliseconds; Infinity before the first load. */
  get ageMs(): number {
    return this.parts.clock.now() - this.syncedAtMs;
  }

  /** Whether the state may decide verifications now. */
  get fresh(): boolean {
    const { clock, maxStalenessSeconds } = this.parts;
    const { syncedAtMs, answeredAtMs } = this;
    return isFresh({ syncedAtMs, answeredAtMs }, clock.now(), maxStalenessSeconds * 1000);
  }

  /** Error: UNAVAILABLE when the state is too old to decide. */
  requireFresh(): void {
    if (this.fresh) return;
    throw new AppError('UNAVAILABLE', 'Keys cannot be verified just now. Try again in a moment.', {
      retryAfterSeconds: 1,
    });
  }

  private async poll(): Promise<void> {
    const startedAtMs = this.parts.clock.now();
    try {
      await this.follow();
      this.syncedAtMs = startedAtMs;
      this.noteAnswer();
      if (this.broken) this.parts.log('The change feed is back; all keys are current.');
      this.broken = false;
    } catch (error) {
      if (isAnswer(error)) this.noteAnswer();
      if (!this.broken)
        this.parts.log('The change feed is interrupted; known keys go on for a while.', error);
      this.broken = true;
      throw error;
    }
    await this.retention.tend(this.cursor!).catch((error: unknown) => {
      this.parts.log('Old changes could not be removed from the feed.', error);
    });
  }

  private async follow(): Promise<void> {
    const { source, replica } = this.parts;
    const changes = await source.read(this.cursor?.text ?? null);
    const trusted =
      this.cursor !== null &&
      !changes.wentBack &&
      changes.installationId === this.installationId &&
      this.ageMs < MAX_CURSOR_AGE_MS;
    const cursor = parseSnapshot(changes.snapshot);
    if (!trusted) await replica.reload();
    else if (await replica.apply(changes.ids)) this.applied.emit(changes.ids);
    this.cursor = cursor;
    this.installationId = changes.installationId;
  }
}
