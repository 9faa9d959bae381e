import type { Clock } from '../../core/clock.js';

/** Rests follow pieces of work of at least this length. */
const PIECE_MS = 10;
/** They are so many times as long as the work, so that it takes a bounded share of the machine. */
const REST = 3;

/** No rest is longer: others may wait for what is held meanwhile. */
const MAX_REST_MS = 500;

/** What a {@link Pace} works with. */
export interface PaceDeps {
  /** Monotonic. */
  readonly clock: Clock;
  /** From 0, where there is all the time, to 1 and beyond, where there is none for rests. */
  readonly urgency: () => number;
}

/**
 * Spreads work that nobody waits for evenly over time: beside a busy event loop a long piece of work makes a queue, and
 * short ones with rests between them make none.
 */
export class Pace {
  private since = 0;
  private hurrying = 0;
  private wake: () => void = () => undefined;

  constructor(private readonly deps: PaceDeps) {}

  /** Says that work begins now. */
  begin(): void {
    this.since = this.deps.clock.now();
  }

  /** How long the rest is that the work since the last one has earned, in milliseconds. */
  get earnedMs(): number {
    const { clock, urgency } = this.deps;
    return (clock.now() - this.since) * REST * Math.max(0, 1 - urgency());
  }

  /** Rests, once that is worth it. */
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

  /** Ends the rest under way, and lets there be no other until this is called back. */
  hurry(): () => void {
    this.hurrying++;
    this.wake();
    return () => void this.hurrying--;
  }
}
