import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from './deadline.js';
import { KeywrightError } from './error.js';
import { LostExchange, type HttpAnswer } from './exchange.js';
import { errorOf } from './read-answer.js';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2000;

/** An answer with status 200, and whether an earlier try may have been answered without the answer arriving. */
export interface Received {
  readonly answer: HttpAnswer;
  readonly afterLoss: boolean;
}

/** How long to wait before the next try: at random up to twice as long each time, and never before `Retry-After`. */
const delayMs = (attempt: number, retryAfterSeconds: number | null): number =>
  (retryAfterSeconds ?? 0) * 1000 + Math.random() * Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS);

/** What passes, and says little about how far the question got. */
const TRIED_AGAIN: ReadonlySet<number> = new Set([502, 503, 504]);

const unreachable = (cause: unknown): KeywrightError =>
  new KeywrightError('UNAVAILABLE', 'Keywright cannot be reached.', { cause });

/**
 * Tries until there is an answer that counts: again after a lost connection, 502, 503 and 504, up to `retries` times and while
 * there is time for it. Whatever else is wrong would be as wrong the next time.
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
      if (!TRIED_AGAIN.has(answer.status)) throw error;
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
