/**
 * Why there is no verdict: UNAVAILABLE (Keywright cannot be reached or cannot decide at present), TIMEOUT, UNAUTHENTICATED,
 * FORBIDDEN and TOO_MANY_REQUESTS (about the key of whoever asks), BAD_REQUEST (the question makes no sense), BAD_ANSWER
 * (whatever answered is no Keywright), ABORTED (by the signal) and CLOSED (asked after `close()`).
 */
export type KeywrightErrorCode =
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'TOO_MANY_REQUESTS'
  | 'BAD_REQUEST'
  | 'BAD_ANSWER'
  | 'ABORTED'
  | 'CLOSED';

/** One member of a question that was refused; `path` is dotted. */
export interface KeywrightFault {
  readonly path: string;
  readonly message: string;
}

/** What an error may carry beside its code and sentence. */
export interface KeywrightErrorDetails {
  readonly retryAfterSeconds?: number | null;
  readonly faults?: readonly KeywrightFault[];
  readonly cause?: unknown;
}

/** No verdict was reached: let nothing through. A refused key is an answer, never an error; no message holds a key. */
export class KeywrightError extends Error {
  override readonly name = 'KeywrightError';
  /** When it is worth trying again, in seconds; null when nobody said. */
  readonly retryAfterSeconds: number | null;
  /** With BAD_REQUEST: what was wrong with the question. */
  readonly faults: readonly KeywrightFault[];

  constructor(
    readonly code: KeywrightErrorCode,
    message: string,
    { retryAfterSeconds = null, faults = [], cause }: KeywrightErrorDetails = {},
  ) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
    this.faults = faults;
  }
}

/** The error for a signal that was given and has been aborted. */
export const aborted = (signal: AbortSignal): KeywrightError =>
  new KeywrightError('ABORTED', 'The verification was aborted.', { cause: signal.reason });
