import { StartError } from '../../config/start-error.js';
import type { Clock } from '../../core/clock.js';
import { FlusherThread, type FlusherTotals } from './flusher-thread.js';
import { JournalCounters, type Position } from './journal/counters.js';
import { JournalWriter } from './journal/journal-writer.js';
import { listSegments } from './journal/segments.js';
import { JournalRecorder } from './journal-recorder.js';
import { RowBudget } from './row-budget.js';

export interface RecordingDeps {
  /** Directory of the journal. */
  readonly directory: string;
  /** Size of the journal from which on it takes no rows for the request log, only counts. */
  readonly journalBytes: number;
  readonly requestLogRowsPerSecond: number;
  /** The program of the thread that writes the journal to the database, and its input. */
  readonly flusher: { readonly program: URL; readonly data: object };
  readonly monotonicClock: Clock;
  readonly log: (message: string, error?: unknown) => void;
  readonly closers: (() => Promise<unknown> | void)[];
}

/** The backlog of usage and its totals. */
export interface UsageFigures {
  readonly backlogBytes: number;
  readonly broken: boolean;
  readonly leftOutRows: number;
  readonly totals: FlusherTotals;
}

/**
 * Opens the journal after what an earlier process left in it, and starts the thread that writes it to the database.
 * Error: {@link StartError} if usage cannot be written.
 */
export async function openRecording(
  deps: RecordingDeps,
): Promise<{ readonly recorder: JournalRecorder; readonly figures: UsageFigures }> {
  const { directory, flusher, monotonicClock, log, closers } = deps;
  const counters = new JournalCounters();
  const { thread, mark } = await FlusherThread.start({ ...flusher, counters, log }).catch(
    (cause: unknown) => {
      throw new StartError(`Usage cannot be written: ${(cause as Error).message}.`, { cause });
    },
  );
  const left = await leftover(directory, mark);
  counters.wrote(left.end, left.bytes);
  const journal = new JournalWriter({
    directory,
    firstSegment: left.end.segment + 1,
    counters,
    clock: monotonicClock,
    onUnwritten: (frame, verifications) => thread.count(frame, verifications),
    log,
  });
  closers.push(
    () => thread.close(),
    () => journal.close(),
  );
  if (left.bytes > 0) {
    await thread
      .drain()
      .catch((error: unknown) => log('Usage from before startup will be written later.', error));
  }
  const recorder = new JournalRecorder({
    journal,
    budget: new RowBudget(deps.requestLogRowsPerSecond, monotonicClock),
    hasRoomForRows: () => counters.backlogBytes < deps.journalBytes,
  });
  const figures: UsageFigures = {
    get backlogBytes() {
      return counters.backlogBytes;
    },
    get broken() {
      return journal.broken;
    },
    get leftOutRows() {
      return recorder.leftOut;
    },
    totals: thread.totals,
  };
  return { recorder, figures };
}

/** The end of the journal, and the number of bytes after a mark. */
async function leftover(directory: string, mark: Position): Promise<{ end: Position; bytes: number }> {
  const segments = await listSegments(directory);
  const last = segments.at(-1);
  const end = last && last.number >= mark.segment ? { segment: last.number, offset: last.bytes } : mark;
  const bytes = segments.reduce((sum, { number, bytes }) => {
    if (number < mark.segment) return sum;
    return sum + bytes - (number === mark.segment ? Math.min(mark.offset, bytes) : 0);
  }, 0);
  return { end, bytes };
}
