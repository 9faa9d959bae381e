import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { Emitter } from '../../core/events.js';
import type { ChangedIds, ChangeSource } from './change-source.js';
import { DatabaseHistory, type DatabasePosition } from './database-history.js';
import { FeedRetention } from './feed-retention.js';
import type { Place } from './restriction-memory.js';
import type { Replica } from './replica.js';
import { parseSnapshot, sees, type Snapshot } from './snapshot.js';
import { failureOf, isFresh } from './staleness.js';
import { Suspension } from './suspension.js';

const POLL_EVERY_MS = 1000;
/** Where nothing wakes the feed: a change must reach every process within a second, and its mutation waits for them. */
const POLL_ALONE_EVERY_MS = 100;
/** How soon a poll is tried again while the state is in doubt, and for how long a database that does not answer keeps it there. */
const RETRY_IN_DOUBT_MS = 100;
const DOUBT_WITHOUT_ANSWER_MS = 3000;
/** Changes are kept for an hour; a cursor that is nearly as old starts over. */
const MAX_CURSOR_AGE_MS = 50 * 60_000;

/** What a {@link ChangeFeed} works with. */
export interface ChangeFeedDeps {
  readonly source: ChangeSource;
  readonly replica: Pick<Replica, 'reload' | 'apply'>;
  /** Monotonic. */
  readonly clock: Clock;
  readonly wallClock: Clock;
  /** How long known keys go on verifying while the database cannot be reached. */
  readonly maxStalenessSeconds: number;
  /** Told once when the feed breaks and once when it is back. */
  readonly log: (message: string, error?: unknown) => void;
  /** Told once of each break in the history of the database. */
  readonly alarm: (message: string) => void;
  /** Remembers what closed keys further, and holds them to it where a database that went back lost it. */
  readonly memory?: DatabaseMemory;
}

/** What a process remembers beyond the database. */
export interface DatabaseMemory {
  /** Where an earlier process stood. */
  readonly reached: Place | null;
  readonly installationId: string;
  /** Before everything is loaded anew; the sentence for the operator, or null when nothing was lost that closed a key. */
  uphold(position: DatabasePosition): Promise<string | null>;
  /** Everything up to here is applied. */
  commit(place: Place): void;
}

/** A break in the history of the database that this process found. */
export interface DatabaseBreak {
  readonly reason: string;
  readonly at: Date;
}

/**
 * Keeps the replica current: reads what committed since its snapshot each second, and at once when woken. Never ends
 * the process when the database is lost; it goes on trying and the state ages.
 */
export class ChangeFeed {
  /** Emits after changes were applied, in the same turn of the event loop; ALL: everything was loaded anew. */
  readonly applied = new Emitter<ChangedIds | 'ALL'>();
  /** Emits after each poll that succeeded: what it saw, and whether there was anything to apply. */
  readonly polled = new Emitter<{ readonly cursor: Snapshot; readonly changed: boolean }>();
  private cursor: Snapshot | null = null;
  /** Whether the database only went on. */
  readonly history: DatabaseHistory;
  /** The last break in its history, and how many there were since the start. */
  lastBreak: DatabaseBreak | null = null;
  private syncedAtMs = -Infinity;
  private answeredAtMs = -Infinity;
  private heardAtMs = -Infinity;
  /** Whether the last poll failed because the database cannot be read. */
  private unreadable = false;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private broken = false;
  /** Whether nothing wakes the feed, so that it finds changes by polling alone. */
  polledAlone = false;
  private announced = false;
  /** Since when what is known may be from before a change that was missed; null: it is not in doubt. */
  private doubtedAtMs: number | null = null;
  /** What became of following, for those who watch. */
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

  /** Loads all keys and begins to follow. Error: whatever kept the first load from succeeding. */
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

  /** Ends the polling and waits for the poll that is under way. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.suspension.close();
    this.doubtedAtMs = null;
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

  /**
   * Notes that the database answered elsewhere, so that an old state is not mistaken for a lost database. A session from
   * before goes on when no other is let in, and says nothing of that.
   */
  noteAnswer(): void {
    if (!this.unreadable) this.answeredAtMs = this.deps.clock.now();
  }

  /** Notes that a change was committed, and reads it. */
  noteChange(): void {
    this.heardAtMs = this.deps.clock.now();
    this.catchUp().catch(() => undefined);
  }

  /** Whether a transaction that committed in an era is applied here. */
  hasApplied(xid: bigint, era: string): boolean {
    return this.cursor !== null && this.history.isIn(era) && sees(this.cursor, xid);
  }

  /** Age of the state in milliseconds; Infinity before the first load. */
  get ageMs(): number {
    return this.deps.clock.now() - this.syncedAtMs;
  }

  /** Where the state stands; null before the first load. */
  get position(): Snapshot | null {
    return this.cursor;
  }

  /** Resolves once a doubt about the state is settled, one way or the other; null when there is none, as always but after a pause of the process. */
  settled(): Promise<void> | null {
    this.suspension.check();
    return this.doubtedAtMs === null ? null : this.catchUp().catch(() => undefined);
  }

  /** Whether the state may decide verifications now. */
  get fresh(): boolean {
    this.suspension.check();
    if (this.doubtedAtMs !== null) return false;
    const { clock, maxStalenessSeconds } = this.deps;
    const { syncedAtMs, answeredAtMs } = this;
    const missed = this.unreadable && this.heardAtMs > syncedAtMs;
    return isFresh({ syncedAtMs, answeredAtMs, missed }, clock.now(), maxStalenessSeconds * 1000);
  }

  /** Error: UNAVAILABLE when the state is too old to decide. */
  requireFresh(): void {
    if (this.fresh) return;
    throw new AppError('UNAVAILABLE', 'Keys cannot be verified just now. Try again in a moment.', {
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

  /** A poll that began after the doubt did settles it; without an answer, the database counts as away after a while. */
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
      this.settleDoubt(startedAtMs, true);
      if (this.broken) this.deps.log('The change feed is back; all keys are current.');
      this.broken = false;
    } catch (error) {
      this.figures.failures++;
      const failure = failureOf(error);
      this.unreadable = failure === 'UNREADABLE';
      if (failure === 'ANSWERED') this.noteAnswer();
      if (!this.broken) this.deps.log('The change feed is interrupted; known keys go on for a while.', error);
      this.broken = true;
      this.settleDoubt(startedAtMs, false);
      throw error;
    }
    await this.retention.tend(this.cursor!).catch((error: unknown) => {
      this.deps.log('Old changes could not be removed from the feed.', error);
    });
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
    // Also when what it tells of cannot be read: that is no longer the state.
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

  /** Holds bind before anything is loaded, so that no key that was closed opens in between. */
  private async uphold(position: DatabasePosition): Promise<void> {
    const held = await this.deps.memory?.uphold(position);
    if (held != null) this.deps.alarm(held);
  }

  /** Once, however often the reload fails after it. */
  private announce(reason: string): void {
    if (this.announced) return;
    this.announced = true;
    this.figures.databaseChanges++;
    this.lastBreak = { reason, at: new Date(this.deps.wallClock.now()) };
    this.deps.alarm(`${reason} All keys are loaded anew.`);
  }
}
