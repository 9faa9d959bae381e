import type { Clock } from '../../core/clock.js';
import type { RequestLog } from './request-log.js';

/** The position of a row in the log. */
export interface LogPosition {
  readonly at: Date;
  readonly id: string;
}

/** Reads the log from newer to older rows. */
export interface LogReader {
  /** The position of the row this many rows further back; null if fewer are left. */
  skip(from: LogPosition | null, rows: number): Promise<LogPosition | null>;
  /** Matching rows older than `from`, back to the one at `to` (null: to the oldest), newest first, at most `limit`. */
  read(from: LogPosition | null, to: LogPosition | null, limit: number): Promise<RequestLog[]>;
}

/** How much a search can read before it returns what it has found. */
export interface SearchBudget {
  readonly maxRows: number;
  readonly maxMs: number;
}

/** The budget of one search: about a second of work. */
export const SEARCH_BUDGET: SearchBudget = { maxRows: 250_000, maxMs: 2000 };

/** What a search found, newest first. */
export interface SearchResult {
  readonly rows: readonly RequestLog[];
  /** Where the budget ended the search; null if it found enough or reached the end of the log. */
  readonly stoppedAt: LogPosition | null;
}

const FIRST_STEP_ROWS = 2000;
const MIN_STEP_ROWS = 200;
const MAX_STEP_ROWS = 32_000;

/** Thrown by a {@link LogReader} whose statement took too long. */
export class StepTimeout extends Error {}

/**
 * Searches in growing steps, so that a search with few matches ends within its budget and others get their turn in
 * between. A step that takes too long is retried with a smaller size. Error: {@link StepTimeout} if even the smallest
 * step times out.
 */
export async function searchBack(
  reader: LogReader,
  from: LogPosition | null,
  wanted: number,
  clock: Clock,
  budget: SearchBudget = SEARCH_BUDGET,
): Promise<SearchResult> {
  const deadlineMs = clock.now() + budget.maxMs;
  const rows: RequestLog[] = [];
  let reached = from;
  let looked = 0;
  let step = Math.min(FIRST_STEP_ROWS, budget.maxRows);
  for (;;) {
    try {
      const to = await reader.skip(reached, step);
      rows.push(...(await reader.read(reached, to, wanted - rows.length)));
      if (rows.length >= wanted || to === null) return { rows, stoppedAt: null };
      reached = to;
      looked += step;
      step = Math.min(step * 4, MAX_STEP_ROWS);
    } catch (error) {
      if (!(error instanceof StepTimeout)) throw error;
      if (step === MIN_STEP_ROWS && looked === 0) throw error;
      step = MIN_STEP_ROWS;
    }
    if (looked > 0 && (looked >= budget.maxRows || clock.now() >= deadlineMs)) {
      return { rows, stoppedAt: reached };
    }
  }
}
