import { aborted, KeywrightError } from './error.js';

/** Combines the timeout of one call and the caller's abort signal into one signal. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly endsAtMs: number;
  private readonly timer: NodeJS.Timeout;

  /** Error: ABORTED if the signal is already aborted. */
  constructor(
    milliseconds: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    if (outer?.aborted) throw aborted(outer);
    this.endsAtMs = performance.now() + milliseconds;
    this.timer = setTimeout(this.end, milliseconds);
    outer?.addEventListener('abort', this.end);
  }

  /** Aborts on timeout or with the outer signal; its reason is the error to throw. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get remainingMs(): number {
    return this.endsAtMs - performance.now();
  }

  /** Awaits a promise until the signal aborts. Error: the reason of the signal, or the rejection of the promise. */
  async race<Value>(promise: Promise<Value>): Promise<Value> {
    const { signal } = this;
    signal.throwIfAborted();
    let stop = (): void => undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop);
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Releases the timer and the listener on the outer signal; always call it. */
  clear(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.end);
  }

  private readonly end = (): void =>
    this.controller.abort(
      this.outer?.aborted
        ? aborted(this.outer)
        : new KeywrightError('TIMEOUT', 'Keywright did not respond in time.', { retryAfterSeconds: 1 }),
    );
}
