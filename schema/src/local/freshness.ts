import type { LocalState } from './protocol.js';

/** A connection without messages for this long counts as lost. */
export const SILENCE_TIMEOUT_MS = 5000;
/** Recent clock samples to consider; a delayed message carries an outdated time. */
const MAX_CLOCK_SAMPLES = 8;

/** How fresh the cache is, by the server's last state. Times are monotonic milliseconds, except the server's. */
export class Freshness {
  /** Until when the cache can be used for decisions. */
  untilMs = -Infinity;
  /** Server time minus the monotonic clock. */
  offsetMs = 0;
  /** When the server last sent its state. */
  heardAtMs = -Infinity;
  private fresh = false;
  private staleAtMs = -Infinity;
  private maxStalenessMs = 0;
  private clockOffsets: number[] = [];

  /** Starts a connection. */
  begin(maxStalenessMs: number, state: LocalState, nowMs: number): void {
    this.maxStalenessMs = maxStalenessMs;
    this.clockOffsets = [];
    this.hear(state, nowMs);
  }

  /** Handles a state message. */
  hear({ atMs, ageMs, fresh }: LocalState, nowMs: number): void {
    this.heardAtMs = nowMs;
    this.fresh = fresh;
    this.staleAtMs = nowMs + this.maxStalenessMs - ageMs;
    this.untilMs = fresh ? nowMs + SILENCE_TIMEOUT_MS : -Infinity;
    // Any delay of a message makes the server's clock look slow, so the largest offset is the most accurate.
    if (this.clockOffsets.push(atMs - nowMs) > MAX_CLOCK_SAMPLES) this.clockOffsets.shift();
    this.offsetMs = Math.max(...this.clockOffsets);
  }

  /** Invalidates the cache. */
  end(): void {
    this.fresh = false;
    this.untilMs = -Infinity;
  }

  /** Handles a lost connection: the cache stays usable until it is too old. */
  lose(): void {
    this.untilMs = this.fresh ? this.staleAtMs : -Infinity;
  }
}
