import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { Emitter } from '../../core/events.js';
import type { ChangedIds, ChangeSource } from './change-source.js';
import { DatabaseHistory, type DatabasePosition } from './database-history.js';
import { FeedRetention } from './feed-retention.js';
import type { Place } from './holds/restriction-memory.js';
import type { Replica } from './replica.js';
import { parseSnapshot, sees, type Snapshot } from '../../core/snapshot.js';
import { failureOf, isFresh } from './staleness.js';
import { Suspension } from './suspension.js';

const POLL_EVERY_MS = 1000;
/**
 * Poll interval when no notifications arrive: a change must reach every process within a second, and its mutation
 * waits for that.
 */
const POLL_ALONE_EVERY_MS = 100;
/** Retry interval while the state is in doubt, and how long a silent database keeps it in doubt. */
const RETRY_IN_DOUBT_MS = 100;
const DOUBT_WITHOUT_ANSWER_MS = 3000;
/** The feed keeps changes for an hour; a cursor that is nearly that old triggers a full reload. */
const MAX_CURSOR_AGE_MS = 50 * 60_000;

export interface ChangeFeedDeps {
  readonly source: ChangeSource;
  readonly replica: Pick<Replica, 'reload' | 'apply'>;
  /** Monotonic. */
  readonly clock: Clock;
  readonly wallClock: Clock;
  /** How long known keys can still be verified while the database is unreachable. */
  readonly maxStalenessSeconds: number;
  /** Called once when the feed breaks and once when it recovers. */
  readonly log: (message: string, error?: unknown) => void;
  /** Called once for each break in the history of the database. */
  readonly alarm: (message: string) => void;
  /** Remembers changes that restricted keys, and enforces them if the database loses them. */
  readonly memory?: DatabaseMemory;
}

/** What a process remembers independently of the database. */
export interface DatabaseMemory {
  /** The place that an earlier process had reached. */
  readonly reached: Place | null;
  readonly installationId: string;
  /** Runs before a full reload; returns a message for the operator, or null if no restricting change was lost. */
  uphold(position: DatabasePosition): Promise<string | null>;
  /** Records that everything up to this place is applied. */
  commit(place: Place): void;
}

/** A break in the history of the database, found by this process. */
export interface DatabaseBreak {
  readonly reason: string;
  readonly at: Date;
}

/**
 * Keeps the replica current: reads what committed since its snapshot every second, and immediately when woken. Losing
 * the database never ends the process; the feed keeps retrying while the state ages.
 */
export class ChangeFeed {
  /** Emits after changes are applied, in the same turn of the event loop; ALL after a full reload. */
  readonly applied = new Emitter<ChangedIds | 'ALL'>();
  /** Emits after each successful poll: its cursor, and whether there was anything to apply. */
  readonly polled = new Emitter<{ readonly cursor: Snapshot; readonly changed: boolean }>();
  /** Emits after the first poll that succeeds again. */
  readonly recovered = new Emitter<void>();
  private cursor: Snapshot | null = null;
  /** Checks that the database has only moved forward. */
  readonly history: DatabaseHistory;
  /** The last break in the history of the database, and the number of breaks since the start. */
  lastBreak: DatabaseBreak | null = null;
  private syncedAtMs = -Infinity;
  private answeredAtMs = -Infinity;
  /** When a change was last reported while changes could not be read; null once one was read since. */
  private missedAtMs: number | null = null;
  /** Whether the last poll failed because the database cannot be read. */
  private unreadable = false;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private broken = false;
  /** Whether no notifications arrive, so that the feed finds changes only by polling. */
  polledAlone = false;
  private announced = false;
  /** When the state became doubtful because a change may have been missed; null if it is not in doubt. */
  private doubtedAtMs: number | null = null;
  /** Figures for monitoring. */
  readonly figures = { lagSeconds: 0, loadSeconds: 0, loads: 0, failures: 0, databaseChanges: 0 };
  private readonly retention: FeedRetention;
  private readonly suspension: Suspension;

  constructor(private readonly deps: ChangeFeedDeps) {
    this.history = new DatabaseHistory(deps.wallClock);
    const { memory } = deps;
    if (memory?.reached) {
      this.history.resume({ ...memory.reached, installationId: memory.installationId });
    }
    this.retention = new FeedRetention(deps.source, deps.clock);
    this.suspension = new Suspension(deps.clock, deps.wallClock, () => this.doubt());
  }

  /** Loads all keys and starts following changes. Rejects with the error that prevented the first load. */
  async start(): Promise<void> {
    await this.catchUp();
    this.suspension.start();
    let ticks = 0;
    this.timer = setInterval(() => {
      const due = ++ticks % (POLL_EVERY_MS / POLL_ALONE_EVERY_MS) === 0;
      if (due || (this.polledAlone && !this.broken)) this.catchUp().catch(() => undefined);
    }, POLL_ALONE_EVERY_MS);
    this.timer.unref();
  }

  /** Stops polling and waits for the poll in progress. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.suspension.close();
    this.doubtedAtMs = null;
    await Promise.allSettled([this.running, this.next]);
  }

  /**
   * Resolves when everything that had committed before the call is applied, by a poll that starts after the call and
   * that all waiters share.
   */
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

  /**
   * Notes that the database answered another connection, so that an old state is not mistaken for a lost database. An
   * older session can keep working while new ones are rejected, and proves nothing about those.
   */
  noteAnswer(): void {
    if (!this.unreadable) this.answeredAtMs = this.deps.clock.now();
  }

  /** Notes that a change was committed, and reads it. */
  noteChange(): void {
    if (this.unreadable) this.missedAtMs = this.deps.clock.now();
    this.catchUp().catch(() => undefined);
  }

  /** Whether a transaction that committed in the given era is applied here. */
  hasApplied(xid: bigint, era: string): boolean {
    return this.cursor !== null && this.history.isIn(era) && sees(this.cursor, xid);
  }

  /** Age of the state in milliseconds; Infinity before the first load. */
  get ageMs(): number {
    return this.deps.clock.now() - this.syncedAtMs;
  }

  /** The snapshot of the state; null before the first load. */
  get position(): Snapshot | null {
    return this.cursor;
  }

  /**
   * Resolves once a doubt about the state is settled, either way; null if there is none. Doubts only arise after the
   * process was paused.
   */
  settled(): Promise<void> | null {
    this.suspension.check();
    return this.doubtedAtMs === null ? null : this.catchUp().catch(() => undefined);
  }

  /** Whether the state is fresh enough to decide verifications. */
  get fresh(): boolean {
    this.suspension.check();
    if (this.doubtedAtMs !== null) return false;
    const { clock, maxStalenessSeconds } = this.deps;
    const { syncedAtMs, answeredAtMs } = this;
    return isFresh(
      { syncedAtMs, answeredAtMs, missed: this.missedAtMs !== null },
      clock.now(),
      maxStalenessSeconds * 1000,
    );
  }

  /** Error: UNAVAILABLE if the state is too old to decide. */
  requireFresh(): void {
    if (this.fresh) return;
    throw new AppError('UNAVAILABLE', 'Keys cannot be verified right now. Try again in a moment.', {
      retryAfterSeconds: 1,
    });
  }

  private doubt(): void {
    this.doubtedAtMs = this.deps.clock.now();
    this.pollWhileInDoubt();
  }

  private pollWhileInDoubt(): void {
    this.catchUp().catch(() => {
      if (this.doubtedAtMs !== null) setTimeout(() => this.pollWhileInDoubt(), RETRY_IN_DOUBT_MS).unref();
    });
  }

  /**
   * Settles a doubt by a poll that began after it; without an answer, the database counts as unreachable after a
   * while.
   */
  private settleDoubt(startedAtMs: number, answered: boolean): void {
    if (this.doubtedAtMs === null || startedAtMs < this.doubtedAtMs) return;
    if (answered || this.deps.clock.now() - this.doubtedAtMs >= DOUBT_WITHOUT_ANSWER_MS) {
      this.doubtedAtMs = null;
    }
  }

  private async poll(): Promise<void> {
    const startedAtMs = this.deps.clock.now();
    try {
      await this.follow();
      this.syncedAtMs = startedAtMs;
      if (this.missedAtMs !== null && this.missedAtMs <= startedAtMs) this.missedAtMs = null;
      this.settleDoubt(startedAtMs, true);
      if (this.broken) this.recover();
    } catch (error) {
      this.figures.failures++;
      const failure = failureOf(error);
      this.unreadable = failure === 'UNREADABLE';
      if (failure === 'ANSWERED') this.noteAnswer();
      if (!this.broken)
        this.deps.log('The change feed is interrupted; known keys keep working for a while.', error);
      this.broken = true;
      this.settleDoubt(startedAtMs, false);
      throw error;
    }
    await this.retention.tend(this.cursor!).catch((error: unknown) => {
      this.deps.log('Old changes could not be removed from the feed.', error);
    });
  }

  private recover(): void {
    this.broken = false;
    this.deps.log('The change feed is back; all keys are current.');
    this.recovered.emit();
  }

  private async reload(): Promise<void> {
    const startedAtMs = this.deps.clock.now();
    await this.deps.replica.reload();
    this.figures.loadSeconds = (this.deps.clock.now() - startedAtMs) / 1000;
    this.figures.loads++;
  }

  private async follow(): Promise<void> {
    const { source, replica } = this.deps;
    const { history } = this;
    const { expected } = history;
    const changes = await source.read(this.cursor?.text ?? null, expected.audit);
    // Also when the announced change cannot be read: the state is then outdated.
    this.unreadable = false;
    this.noteAnswer();
    const broken = history.judge(changes.position, expected);
    if (broken === null) this.announced = false;
    else this.announce(broken);
    const trusted = this.cursor !== null && broken === null && this.ageMs < MAX_CURSOR_AGE_MS;
    const cursor = parseSnapshot(changes.snapshot);
    let changed = true;
    if (broken !== null) await this.uphold(changes.position);
    if (!trusted) await this.reload();
    else changed = await replica.apply(changes.ids);
    this.cursor = cursor;
    this.announced = false;
    history.accept(changes.position, broken !== null);
    this.deps.memory?.commit(changes.position);
    if (changes.lagSeconds !== null) this.figures.lagSeconds = changes.lagSeconds;
    if (changed) this.applied.emit(trusted ? changes.ids : 'ALL');
    this.polled.emit({ cursor, changed });
  }

  /** Applies holds before anything is loaded, so that no closed key opens in between. */
  private async uphold(position: DatabasePosition): Promise<void> {
    const held = await this.deps.memory?.uphold(position);
    if (held != null) this.deps.alarm(held);
  }

  /** Raises the alarm once, however often the reload then fails. */
  private announce(reason: string): void {
    if (this.announced) return;
    this.announced = true;
    this.figures.databaseChanges++;
    this.lastBreak = { reason, at: new Date(this.deps.wallClock.now()) };
    this.deps.alarm(`${reason} Reloading all keys.`);
  }
}
