import { randomUUID } from 'node:crypto';
import { CallFailed, type Calls } from './calls.js';
import type { LocalUsage } from './protocol.js';
import type { UsageTally } from './usage-tally.js';

const MAX_COUNTS_OF_BATCH = 500;
const MAX_UNDER_WAY = 4;
const ANSWER_WITHIN_MS = 5000;

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
    const counts = this.tally.close(!this.done);
    for (let i = 0; i < counts.length; i += MAX_COUNTS_OF_BATCH) {
      this.waiting.push({ batchId: randomUUID(), counts: counts.slice(i, i + MAX_COUNTS_OF_BATCH) });
    }
    this.pump();
  }

  /** Reports everything, at most until `endsAtMs` of the monotonic clock. */
  async flush(endsAtMs: number): Promise<void> {
    do {
      this.report();
      await new Promise((resolve) => setTimeout(resolve, 10));
    } while (!this.done && performance.now() < endsAtMs);
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
      if (error instanceof CallFailed && error.code === 'BAD') {
        for (const { count } of batch.counts) this.tally.lost += count;
      } else this.waiting.push(batch);
    }
    this.underWay--;
    if (this.waiting.length > 0) setTimeout(() => this.pump(), 100).unref();
  }
}
