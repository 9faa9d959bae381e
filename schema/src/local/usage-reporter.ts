import { randomUUID } from 'node:crypto';
import { CallFailed, type Calls } from './calls.js';
import { LOCAL_BATCH_ENTRIES, LOCAL_MESSAGE_BYTES, type LocalCount, type LocalUsage } from './protocol.js';
import type { UsageTally } from './usage-tally.js';

/** Size of a batch: well below what the server takes, of bytes as of entries. */
const MAX_BATCH_BYTES = LOCAL_MESSAGE_BYTES / 4;
/** Bytes of a count without its rows; there is no more in a batch than a quarter of the entries it may have. */
const COUNT_BYTES = Math.max(250, MAX_BATCH_BYTES / (LOCAL_BATCH_ENTRIES / 4));
const MAX_UNDER_WAY = 4;
const ANSWER_WITHIN_MS = 5000;

const sizeOf = ({ rows }: LocalCount): number =>
  rows.length === 0 ? COUNT_BYTES : COUNT_BYTES + Buffer.byteLength(JSON.stringify(rows));

/** Reports what was counted, in batches that are sent again until they are answered; the server counts each once. */
export class UsageReporter {
  private readonly waiting: LocalUsage[] = [];
  private underWay = 0;

  constructor(
    private readonly tally: UsageTally,
    private readonly calls: Calls,
  ) {}

  /** Whether all that was counted is safe with the server. */
  get done(): boolean {
    return this.waiting.length + this.underWay === 0;
  }

  /** Sends what was counted since the last time; called each second, and whenever there is a connection again. */
  report(): void {
    let counts: LocalCount[] = [];
    let bytes = 0;
    for (const count of this.tally.close(!this.done)) {
      const size = sizeOf(count);
      if (bytes + size > MAX_BATCH_BYTES) {
        this.add(counts);
        counts = [];
        bytes = 0;
      }
      counts.push(count);
      bytes += size;
    }
    this.add(counts);
    this.pump();
  }

  /** Reports everything, at most until `endsAtMs` of the monotonic clock. */
  async flush(endsAtMs: number): Promise<void> {
    do {
      this.report();
      await new Promise((resolve) => setTimeout(resolve, 10));
    } while (!this.done && performance.now() < endsAtMs);
  }

  private add(counts: readonly LocalCount[]): void {
    if (counts.length > 0) this.waiting.push({ batchId: randomUUID(), counts });
  }

  /** A batch that the server takes nothing of: one count may spoil the others. */
  private split({ counts }: LocalUsage): void {
    if (counts.length === 1) {
      this.tally.lost += counts[0]!.count;
      return;
    }
    const half = counts.length >> 1;
    this.add(counts.slice(0, half));
    this.add(counts.slice(half));
  }

  private pump(): void {
    while (this.calls.open && this.underWay < MAX_UNDER_WAY && this.waiting.length > 0) {
      this.underWay++;
      void this.send(this.waiting.shift()!);
    }
  }

  private async send(batch: LocalUsage): Promise<void> {
    try {
      await this.calls.ask({ type: 'usage', batch }, ANSWER_WITHIN_MS);
    } catch (error) {
      if (error instanceof CallFailed && error.code === 'BAD') this.split(batch);
      else this.waiting.push(batch);
    }
    this.underWay--;
    if (this.waiting.length > 0) setTimeout(() => this.pump(), 100).unref();
  }
}
