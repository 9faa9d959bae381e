import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from './deadline.js';
import { KeywrightError } from './error.js';
import { LostExchange, type HttpAnswer } from './exchange.js';
import { errorOf } from './read-answer.js';

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2000;

/** A response with status 200, and whether the server may have answered an earlier try whose response was lost. */
export interface Received {
  readonly answer: HttpAnswer;
  readonly afterLoss: boolean;
}

/** Delay before the next try: exponential backoff with full jitter, never less than `Retry-After`. */
const delayMs = (attempt: number, retryAfterSeconds: number | null): number =>
  (retryAfterSeconds ?? 0) * 1000 + Math.random() * Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS);

/** Temporary failures that do not say whether the question was processed. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

const unreachable = (cause: unknown): KeywrightError =>
  new KeywrightError('UNAVAILABLE', 'Keywright cannot be reached.', { cause });

/**
 * Retries after a lost connection, 502, 503 and 504, up to `retries` times and until the deadline. Any other error would only
 * repeat itself.
 */
export async function withRetries(
  retries: number,
  deadline: Deadline,
  post: () => Promise<HttpAnswer>,
): Promise<Received> {
  let afterLoss = false;
  for (let attempt = 0; ; attempt++) {
    let error: KeywrightError;
    try {
      const answer = await post();
      if (answer.status === 200) return { answer, afterLoss };
      error = errorOf(answer);
      if (!RETRYABLE_STATUSES.has(answer.status)) throw error;
      afterLoss = true;
    } catch (thrown) {
      if (!(thrown instanceof LostExchange)) throw thrown;
      afterLoss ||= thrown.sent;
      error = unreachable(thrown.cause);
    }
    const waitMs = delayMs(attempt, error.retryAfterSeconds);
    if (attempt >= retries || waitMs >= deadline.remainingMs) throw error;
    await sleep(waitMs, undefined, { signal: deadline.signal }).catch(() => {
      throw deadline.signal.reason;
    });
  }
}
