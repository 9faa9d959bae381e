import type { Position } from './journal/counters.js';
import type { UsageBatch } from './usage-batch.js';

/** What was written from a journal to the database. */
export interface JournalTally {
  /** Number of batches. */
  readonly sequence: number;
  /** Verifications in the batches that were counted; an older version does not count. */
  readonly counted: number;
  readonly countedBatches: number;
}

/** How far the journal of a process is written to the database. */
export interface JournalMark extends JournalTally {
  readonly at: Position;
}

/** Writes batches. */
export interface UsageWriter {
  /** How far the journal of this process was written; the start for a process that never wrote. */
  mark(): Promise<JournalMark>;
  /**
   * Writes a batch completely or not at all, and moves the mark from `before` to `after` with it. Resolves with what
   * was written, including reported batches that are new; null if the mark is elsewhere and nothing was written: the
   * batch was already written, or the database was restored.
   */
  write(batch: UsageBatch, before: JournalMark, after: Position): Promise<UsageBatch | null>;
  /** Updates the sort columns of keys used since the last call, or of all keys. */
  writeOrder(all: boolean): Promise<void>;
  /** Deletes part of what is past its retention; resolves with whether more is left. */
  prune(): Promise<boolean>;
}
