import type { Position } from './journal/counters.js';
import type { UsageBatch } from './usage-batch.js';

/** How far the journal of a node is written to the database; `sequence` counts the batches. */
export interface JournalMark {
  readonly at: Position;
  readonly sequence: number;
}

/** Where batches are written. */
export interface UsageWriter {
  /** How far this node's journal was written; the beginning for a node that never wrote. */
  mark(): Promise<JournalMark>;
  /**
   * Writes a batch whole or not at all, and moves the mark from `before` to `after` with it. Resolves with what was written,
   * reported batches that are new included; null when the mark is elsewhere, and nothing was written: the batch was written
   * already, or the database was restored.
   */
  write(batch: UsageBatch, before: JournalMark, after: Position): Promise<UsageBatch | null>;
  /** Forgets what nobody will ask for: counts by the minute, and the ids of reported batches, after a week. */
  prune(): Promise<void>;
}
