import type { Clock } from '../../core/clock.js';
import type { ChangeSource } from './change-source.js';
import type { Snapshot } from '../../core/snapshot.js';

const KEEP_MS = 60 * 60_000;
const SAMPLE_EVERY_MS = 5 * 60_000;

/**
 * Prunes the feed. Records a cursor and deletes what precedes it an hour later, when every reader with a younger
 * cursor has seen it. The age of a row alone is not enough, since a long transaction commits rows that are already
 * old.
 */
export class FeedRetention {
  private samples: { readonly atMs: number; readonly xmin: bigint }[] = [];

  constructor(
    private readonly source: ChangeSource,
    private readonly clock: Clock,
  ) {}

  /** Called with each new cursor; works at most every five minutes. */
  async tend(cursor: Snapshot): Promise<void> {
    const nowMs = this.clock.now();
    const last = this.samples.at(-1);
    if (last && nowMs - last.atMs < SAMPLE_EVERY_MS) return;
    this.samples.push({ atMs: nowMs, xmin: cursor.xmin });
    const old = this.samples.filter((sample) => nowMs - sample.atMs >= KEEP_MS);
    this.samples = [...old.slice(-1), ...this.samples.filter((sample) => nowMs - sample.atMs < KEEP_MS)];
    await this.source.prune(old.at(-1)?.xmin ?? 0n);
  }
}
