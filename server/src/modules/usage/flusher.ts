import { Emitter } from '../../core/events.js';
import type { MemoryRecorder, NumberedBatch } from './recorder.js';
import type { UsageBatch } from './usage-batch.js';
import type { UsageWriter } from './usage-writer.js';

const EVERY_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const PRUNE_EVERY_MS = 60 * 60_000;
const CLOSE_ATTEMPTS = 3;

/** What a {@link UsageFlusher} works with. */
export interface FlusherParts {
  readonly recorder: MemoryRecorder;
  readonly writer: UsageWriter;
  readonly log: (message: string, error?: unknown) => void;
}

/**
 * Writes what was recorded: every 500 ms, or as soon as a batch is full. A batch that fails is tried again under the same
 * number, with growing pauses, while the next one gathers; the verification notices nothing.
 */
export class UsageFlusher {
  /** Emits each batch after its commit. */
  readonly flushed = new Emitter<UsageBatch>();
  private pending: NumberedBatch | undefined;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pruneTimer: NodeJS.Timeout | undefined;
  private pauseMs = EVERY_MS;
  private broken = false;
  private closed = false;

  constructor(private readonly parts: FlusherParts) {
    parts.recorder.onFull = () => {
      if (!this.broken) this.schedule(0);
    };
  }

  /** Begins to write. */
  start(): void {
    this.schedule(EVERY_MS);
    this.pruneTimer = setInterval(() => {
      this.parts.writer
        .prune()
        .catch((error: unknown) => this.parts.log('Old counts could not be removed.', error));
    }, PRUNE_EVERY_MS);
    this.pruneTimer.unref();
  }

  /** Writes what is left, and stops. What cannot be written in three attempts is given up, and said so. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.pruneTimer);
    await this.running;
    for (let attempt = 0; attempt < CLOSE_ATTEMPTS;) {
      if (!(await this.writeNext())) {
        if (!this.pending) return;
        attempt++;
      }
    }
    this.parts.log('The last usage counts could not be written; they are lost.');
  }

  /** Writes everything that was recorded before the call. Error: whatever kept it from being written. */
  async flush(): Promise<void> {
    await this.running;
    while (await this.writeNext());
    if (this.pending) throw new Error('The usage counts could not be written.');
  }

  private schedule(afterMs: number): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.turn(), afterMs);
    this.timer.unref();
  }

  private async turn(): Promise<void> {
    if (this.running) return;
    const written = this.writeNext().then(() => undefined);
    this.running = written;
    await written;
    this.running = undefined;
    this.schedule(this.pauseMs);
  }

  /** Writes the batch that failed before, or else what was gathered; false when there was nothing, or it failed. */
  private async writeNext(): Promise<boolean> {
    this.pending ??= this.parts.recorder.take();
    if (!this.pending) return false;
    const { batch } = this.pending;
    try {
      await this.parts.writer.write(this.pending);
    } catch (error) {
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
      if (!this.broken) this.parts.log('Usage counts cannot be written just now; they are kept.', error);
      this.broken = true;
      return false;
    }
    this.pending = undefined;
    this.pauseMs = EVERY_MS;
    if (this.broken) this.parts.log('Usage counts are written again.');
    this.broken = false;
    if (batch.droppedRows > 0)
      this.parts.log(`${batch.droppedRows} request logs were left out; they are counted.`);
    this.flushed.emit(batch);
    return true;
  }
}
