import { aborted, KeywrightError } from './error.js';

/** The time that one question may take, and the signal of whoever asks, as one signal. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly endsAtMs: number;
  private readonly timer: NodeJS.Timeout;

  /** Error: ABORTED when the signal is aborted already. */
  constructor(
    milliseconds: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    if (outer?.aborted) throw aborted(outer);
    this.endsAtMs = performance.now() + milliseconds;
    this.timer = setTimeout(this.end, milliseconds);
    outer?.addEventListener('abort', this.end);
  }

  /** Aborted when the time is up or the outer signal is; its reason is the error to be thrown. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get remainingMs(): number {
    return this.endsAtMs - performance.now();
  }

  /** Waits for a promise as long as there is time. Error: the reason of the signal, or that of the promise. */
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

  /** Lets go of the timer and of the outer signal; call it in any case. */
  clear(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.end);
  }

  private readonly end = (): void =>
    this.controller.abort(
      this.outer?.aborted
        ? aborted(this.outer)
        : new KeywrightError('TIMEOUT', 'Keywright did not answer in time.', { retryAfterSeconds: 1 }),
    );
}
