import type { NumberedBatch } from './recorder.js';

/** Where batches are written. */
export interface UsageWriter {
  /** Writes a batch whole or not at all; a batch that was written already does nothing. */
  write(batch: NumberedBatch): Promise<void>;
  /** Forgets what nobody will ask for: numbers of batches after a day, counts by the minute after a week. */
  prune(): Promise<void>;
}
