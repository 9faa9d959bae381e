import { UsageBatch, type BatchCaps } from './usage-batch.js';
import type { UsageEvent, VerificationRecorder } from './usage-event.js';

/** A batch with the number under which it is written once, however often it is tried. */
export interface NumberedBatch {
  readonly number: number;
  readonly batch: UsageBatch;
}

const CAPS: BatchCaps = { rows: 50_000, counters: 200_000 };

/** Keeps what happened in memory until it is taken for writing. Bounded: log rows are dropped first, counts never. */
export class MemoryRecorder implements VerificationRecorder {
  private batch: UsageBatch;
  private nextNumber = 1;

  /** @param flushRows Rows at which a batch is written before its time. */
  constructor(
    private readonly flushRows: number = 10_000,
    private readonly caps: BatchCaps = CAPS,
  ) {
    this.batch = new UsageBatch(caps);
  }

  /** Told once per batch when it is full enough to be written at once. */
  onFull: () => void = () => undefined;

  record(event: UsageEvent): void {
    this.batch.add(event);
    if (this.batch.rows.length === this.flushRows) this.onFull();
  }

  touch(apiKeyId: string, atMs: number): void {
    this.batch.touch(apiKeyId, atMs);
  }

  /** Hands over what was gathered and begins anew; undefined when nothing happened. */
  take(): NumberedBatch | undefined {
    if (this.batch.empty) return undefined;
    const taken = { number: this.nextNumber++, batch: this.batch };
    this.batch = new UsageBatch(this.caps);
    return taken;
  }
}
