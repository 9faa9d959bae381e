import type { Clock } from '../../core/clock.js';
import type { JournalCounters, Position } from './journal/counters.js';
import { decodeEvents, LEGEND } from './journal/event-codec.js';
import { FRAME_HEAD_BYTES } from './journal/frame.js';
import type { JournalTallies, LostUsage } from './journal/journal-tallies.js';
import type { JournalReader } from './journal/journal-reader.js';
import type { Pace } from './pace.js';
import { UsageBatch } from './usage-batch.js';
import type { JournalMark, UsageWriter } from './usage-writer.js';

const EVERY_MS = 500;
const MAX_PAUSE_MS = 5000;
/** From this much in memory on, which must not stay there, there are no pauses. */
const LARGE_FRAMES_BYTES = 4 * 1024 * 1024;
/** How much of the journal, and of what waits in memory, becomes one transaction. */
const BATCH_BYTES = 4 * 1024 * 1024;
const TEND_EVERY_MS = 60_000;
const PRUNE_EVERY_MS = 60 * 60_000;

export interface UsageFlusherDeps {
  readonly reader: Pick<JournalReader, 'read' | 'close'>;
  readonly counters: JournalCounters;
  readonly writer: UsageWriter;
  /** Knows the counts of removed segments. */
  readonly tallies: Pick<JournalTallies, 'takeLoss' | 'record'>;
  /** Removes the segments before this one. */
  readonly forget: (segment: number) => Promise<unknown>;
  /** Monotonic. */
  readonly clock: Clock;
  readonly pace: Pace;
  /** Called after each commit. */
  readonly onWritten: (written: Written) => void;
  /** Called when a restored database lost usage that the journal no longer has. */
  readonly onLost: (lost: LostUsage) => void;
  readonly log: (message: string, error?: unknown) => void;
}

/** What was written in one transaction. */
export interface Written {
  readonly events: number;
  readonly rows: number;
  readonly milliseconds: number;
  /** Frames passed in memory that are now written. */
  readonly frames: number;
  /** Unreadable bytes of the journal. */
  readonly lostBytes: number;
}

interface Pending {
  readonly batch: UsageBatch;
  readonly end: Position;
  readonly bytes: number;
  readonly lostBytes: number;
  readonly frames: readonly Buffer[];
}

/**
 * Writes the journal to the database, each event once: the mark that records the progress moves in the same
 * transaction. A failed batch is retried with growing pauses while the journal grows; nobody waits for it.
 */
export class UsageFlusher {
  private mark: JournalMark | undefined;
  private pending: Pending | undefined;
  private frames: Buffer[] = [];
  private frameBytes = 0;
  private running: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = EVERY_MS;
  private tendAtMs = -Infinity;
  private pruneAtMs = -Infinity;
  private broken = false;
  private closed = false;

  constructor(private readonly deps: UsageFlusherDeps) {}

  /** Reads how far the journal was already written, and starts writing. Rejects with any database error. */
  async start(): Promise<Position> {
    this.mark = await this.deps.writer.mark();
    await this.reportLoss(this.mark);
    this.schedule(0);
    return this.mark.at;
  }

  /** Takes a frame that could not be written to the journal; it is counted with the next batch. */
  take(frame: Buffer): void {
    this.frames.push(frame);
    this.frameBytes += frame.length;
  }

  /** Writes everything that is there now. Rejects with the error that prevented it. */
  drain(): Promise<void> {
    const done = this.deps.pace.hurry();
    const drained = this.running.then(() => this.writeAll()).finally(done);
    this.running = drained.catch(() => undefined);
    return drained;
  }

  /** Stops; anything not yet written stays in the journal. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
    await this.deps.reader.close();
  }

  private async writeAll(): Promise<void> {
    while (await this.writeNext());
  }

  private schedule(afterMs: number): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.running = this.running.then(() => this.turn());
    }, afterMs);
  }

  private async turn(): Promise<void> {
    const { pace, log } = this.deps;
    pace.begin();
    try {
      await this.writeNext();
      if (this.broken) log('Usage is written to the database again.');
      this.broken = false;
      const rest = this.frameBytes < LARGE_FRAMES_BYTES ? pace.earnedMs : 0;
      this.pauseMs = Math.min(Math.max(this.behind ? 0 : EVERY_MS, rest), MAX_PAUSE_MS);
      await this.tend();
    } catch (error) {
      if (!this.broken)
        log('Usage cannot be written to the database right now; the journal keeps it.', error);
      this.broken = true;
      this.pauseMs = Math.min(Math.max(this.pauseMs, EVERY_MS) * 2, MAX_PAUSE_MS);
    }
    this.schedule(this.pauseMs);
  }

  /** Whether more is waiting than fits one batch. */
  private get behind(): boolean {
    return Math.max(this.deps.counters.backlogBytes, this.frameBytes) > BATCH_BYTES;
  }

  private async tend(): Promise<void> {
    const { clock, writer, log } = this.deps;
    const nowMs = clock.now();
    if (nowMs < this.tendAtMs) return;
    this.tendAtMs = nowMs + TEND_EVERY_MS;
    await this.look();
    const hourly = nowMs >= this.pruneAtMs;
    await writer
      .writeOrder(hourly)
      .catch((error: unknown) =>
        log('The order of keys by usage could not be written; it will be retried.', error),
      );
    if (!hourly) return;
    const more = await writer
      .prune()
      .catch((error: unknown) => log('Old counts could not be removed.', error));
    this.pruneAtMs = more === true ? this.tendAtMs : nowMs + PRUNE_EVERY_MS;
  }

  /** Detects a restored database even if there is nothing to write. */
  private async look(): Promise<void> {
    const found = await this.deps.writer.mark();
    if (this.pending || found.sequence === this.mark!.sequence) return;
    this.mark = found;
    await this.reportLoss(found);
  }

  /** Writes one batch; false if there was nothing to write. */
  private async writeNext(): Promise<boolean> {
    const { writer, clock } = this.deps;
    this.pending ??= await this.gather(this.mark!.at);
    if (!this.pending) return false;
    const startedAtMs = clock.now();
    const written = await writer.write(this.pending.batch, this.mark!, this.pending.end);
    if (written) {
      const { sequence, counted, countedBatches } = this.mark!;
      const mark = {
        at: this.pending.end,
        sequence: sequence + 1,
        counted: counted + written.verifications,
        countedBatches: countedBatches + 1,
      };
      await this.written(written, this.pending, mark, clock.now() - startedAtMs);
    } else await this.findMark(this.pending);
    return true;
  }

  private async written(
    { events, rows }: UsageBatch,
    { bytes, lostBytes, frames }: Pending,
    mark: JournalMark,
    milliseconds: number,
  ): Promise<void> {
    const { counters, forget, onWritten, tallies } = this.deps;
    const before = this.mark!;
    this.pending = undefined;
    this.mark = mark;
    counters.consumed(bytes);
    onWritten({ events, rows: rows.length, milliseconds, frames: frames.length, lostBytes });
    if (mark.at.segment === before.at.segment) return;
    // A batch ends with its segment, or lies within it.
    await tallies.record(mark.at.segment, mark.at.offset === 0 ? mark : before);
    await forget(mark.at.segment);
  }

  /**
   * The mark is not where it was left: the batch was written although the response was lost, or the database was
   * replaced.
   */
  private async findMark(pending: Pending): Promise<void> {
    const { writer, log } = this.deps;
    const found = await writer.mark();
    const { segment, offset } = pending.end;
    const here = found.at.segment === segment && found.at.offset === offset;
    if (here && found.sequence === this.mark!.sequence + 1)
      return this.written(pending.batch, pending, found, 0);
    log('The database has a different position in the usage journal; reading continues from there.');
    this.frames = [...pending.frames, ...this.frames];
    for (const { length } of pending.frames) this.frameBytes += length;
    this.pending = undefined;
    this.mark = found;
    await this.reportLoss(found);
  }

  private async reportLoss(mark: JournalMark): Promise<void> {
    const lost = await this.deps.tallies.takeLoss(mark);
    if (lost === null) return;
    const { verifications, isMinimum } = lost;
    this.deps.log(
      `Usage is lost: the database went back in time and no longer has ${isMinimum ? 'at least ' : ''}${verifications} verifications that had been removed from the usage journal.`,
    );
    this.deps.onLost(lost);
  }

  private async gather(at: Position): Promise<Pending | undefined> {
    const { reader, counters } = this.deps;
    const batch = new UsageBatch();
    const { end, bytes, lostBytes } = await reader.read(at, counters.written, BATCH_BYTES, (event) =>
      batch.add(event),
    );
    const frames = this.someFrames();
    for (const frame of frames) {
      for (const event of decodeEvents(frame.subarray(FRAME_HEAD_BYTES), LEGEND)) batch.add(event);
    }
    if (bytes === 0 && frames.length === 0) return undefined;
    return { batch, end, bytes, lostBytes, frames };
  }

  private someFrames(): Buffer[] {
    let count = 0;
    let bytes = 0;
    while (count < this.frames.length && bytes < BATCH_BYTES) bytes += this.frames[count++]!.length;
    this.frameBytes -= bytes;
    return this.frames.splice(0, count);
  }
}
