import { randomUUID } from 'node:crypto';
import { CallFailed, type Calls } from './calls.js';
import { LOCAL_BATCH_ENTRIES, LOCAL_MESSAGE_BYTES, type LocalCount, type LocalUsage } from './protocol.js';
import type { UsageTally } from './usage-tally.js';

/** Max size of a batch; well below the server's limits, in bytes and in entries. */
const MAX_BATCH_BYTES = LOCAL_MESSAGE_BYTES / 4;
/** Assumed size of a count without rows; keeps a batch below a quarter of the allowed entries. */
const COUNT_BYTES = Math.max(250, MAX_BATCH_BYTES / (LOCAL_BATCH_ENTRIES / 4));
const MAX_IN_FLIGHT = 4;
const ANSWER_TIMEOUT_MS = 5000;

const sizeOf = ({ rows }: LocalCount): number =>
  rows.length === 0 ? COUNT_BYTES : COUNT_BYTES + Buffer.byteLength(JSON.stringify(rows));

/** Reports counts in batches, each resent until it is answered; the server counts each batch once. */
export class UsageReporter {
  private readonly waiting: LocalUsage[] = [];
  private inFlight = 0;

  constructor(
    private readonly tally: UsageTally,
    private readonly calls: Calls,
  ) {}

  /** Whether the server has confirmed all counts. */
  get done(): boolean {
    return this.waiting.length + this.inFlight === 0;
  }

  /** Sends the counts since the last report; called each second and on every new connection. */
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

  /** Reports everything, or stops at `endsAtMs` of the monotonic clock. */
  async flush(endsAtMs: number): Promise<void> {
    do {
      this.report();
      await new Promise((resolve) => setTimeout(resolve, 10));
    } while (!this.done && performance.now() < endsAtMs);
  }

  private add(counts: readonly LocalCount[]): void {
    if (counts.length > 0) this.waiting.push({ batchId: randomUUID(), counts });
  }

  /** Splits a batch that the server rejected, as one bad count makes it reject the others. */
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
    while (this.calls.open && this.inFlight < MAX_IN_FLIGHT && this.waiting.length > 0) {
      this.inFlight++;
      void this.send(this.waiting.shift()!);
    }
  }

  private async send(batch: LocalUsage): Promise<void> {
    try {
      await this.calls.ask({ type: 'usage', batch }, ANSWER_TIMEOUT_MS);
    } catch (error) {
      if (error instanceof CallFailed && error.code === 'BAD') this.split(batch);
      else this.waiting.push(batch);
    }
    this.inFlight--;
    if (this.waiting.length > 0) setTimeout(() => this.pump(), 100).unref();
  }
}
