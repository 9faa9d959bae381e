import type { LocalState } from './protocol.js';

/** A connection that says nothing for so long counts as lost. */
export const SILENCE_MS = 5000;
/** States whose clock is looked at: one that arrived late tells a time that has passed. */
const REMEMBERED_CLOCKS = 8;

/** How current what is remembered is, by what the server last said. Times are monotonic milliseconds, but those of the server. */
export class Freshness {
  /** Until when it may decide. */
  untilMs = -Infinity;
  /** To be added to the monotonic clock to get the time of the server. */
  offsetMs = 0;
  /** When the server last told its state. */
  heardAtMs = -Infinity;
  private fresh = false;
  private staleAtMs = -Infinity;
  private maxStalenessMs = 0;
  private clocks: number[] = [];

  /** A connection begins. */
  begin(maxStalenessMs: number, state: LocalState, nowMs: number): void {
    this.maxStalenessMs = maxStalenessMs;
    this.clocks = [];
    this.hear(state, nowMs);
  }

  /** The server has told its state. */
  hear({ atMs, ageMs, fresh }: LocalState, nowMs: number): void {
    this.heardAtMs = nowMs;
    this.fresh = fresh;
    this.staleAtMs = nowMs + this.maxStalenessMs - ageMs;
    this.untilMs = fresh ? nowMs + SILENCE_MS : -Infinity;
    // Whatever holds a message up makes the server's clock look slower than it is.
    if (this.clocks.push(atMs - nowMs) > REMEMBERED_CLOCKS) this.clocks.shift();
    this.offsetMs = Math.max(...this.clocks);
  }

  /** Nothing that is known counts any longer. */
  end(): void {
    this.fresh = false;
    this.untilMs = -Infinity;
  }

  /** The connection is lost: what is known counts until it is too old. */
  lose(): void {
    this.untilMs = this.fresh ? this.staleAtMs : -Infinity;
  }
}
