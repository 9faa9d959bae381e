import type { Clock } from '../../core/clock.js';

/** Minimum length of work that earns a rest. */
const PIECE_MS = 10;
/** Length of a rest as a multiple of the work, which bounds the load on the machine. */
const REST = 3;

/** Maximum length of a rest: others may wait for resources held meanwhile. */
const MAX_REST_MS = 500;

export interface PaceDeps {
  /** Monotonic. */
  readonly clock: Clock;
  /** From 0, when there is plenty of time, to 1 and above, when there is no time for rests. */
  readonly urgency: () => number;
}

/**
 * Spreads background work evenly over time: on a busy event loop one long task causes a queue, and short ones with
 * rests between them cause none.
 */
export class Pace {
  private since = 0;
  private hurrying = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly deps: PaceDeps) {}

  /** Marks the start of work. */
  begin(): void {
    this.since = this.deps.clock.now();
  }

  /** The rest earned since the last one, in milliseconds. */
  get earnedMs(): number {
    const { clock, urgency } = this.deps;
    return (clock.now() - this.since) * REST * Math.max(0, 1 - urgency());
  }

  /** Rests, once it is worthwhile. */
  async rest(): Promise<void> {
    const { earnedMs } = this;
    if (this.hurrying > 0 || earnedMs < PIECE_MS * REST) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(earnedMs, MAX_REST_MS));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.begin();
  }

  /** Ends the current rest and prevents others until the returned function is called. */
  hurry(): () => void {
    this.hurrying++;
    this.wake();
    return () => void this.hurrying--;
  }
}
