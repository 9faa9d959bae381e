/**
 * Why there is no verdict: UNAVAILABLE (Keywright cannot be reached or cannot decide right now), TIMEOUT, UNAUTHENTICATED,
 * FORBIDDEN and TOO_MANY_REQUESTS (the caller's own key was rejected), BAD_REQUEST (the question is invalid), BAD_ANSWER
 * (the response is not Keywright's), ABORTED (by the signal) and CLOSED (called after `close()`).
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

/** One invalid field of a question; `path` is dotted. */
export interface KeywrightFault {
  readonly path: string;
  readonly message: string;
}

/** Optional details of an error. */
export interface KeywrightErrorDetails {
  readonly retryAfterSeconds?: number | null;
  readonly faults?: readonly KeywrightFault[];
  readonly cause?: unknown;
}

/** No verdict was reached, so the request must be denied. A rejected key is an answer, never an error. No message contains a key. */
export class KeywrightError extends Error {
  override readonly name = 'KeywrightError';
  /** Seconds to wait before a retry; null if unknown. */
  readonly retryAfterSeconds: number | null;
  /** With BAD_REQUEST: the invalid fields of the question. */
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

/** The error for an aborted signal of the caller. */
export const aborted = (signal: AbortSignal): KeywrightError =>
  new KeywrightError('ABORTED', 'The verification was aborted.', { cause: signal.reason });
