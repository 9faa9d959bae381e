import type { Position } from './journal/counters.js';
import type { UsageBatch } from './usage-batch.js';

/** What was brought from a journal to the database. */
export interface JournalTally {
  /** Batches. */
  readonly sequence: number;
  /** Verifications in those of the batches that were counted: an older version counts none. */
  readonly counted: number;
  readonly countedBatches: number;
}

/** How far the journal of a node is written to the database. */
export interface JournalMark extends JournalTally {
  readonly at: Position;
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
  /** Brings the order of lists of keys up to date with what was written since the last time, or with all there is. */
  writeOrder(all: boolean): Promise<void>;
  /** Deletes some of what is past its retention; resolves with whether more of it is left. */
  prune(): Promise<boolean>;
}
