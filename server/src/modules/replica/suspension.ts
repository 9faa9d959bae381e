import type { Clock } from '../../core/clock.js';

const LOOK_EVERY_MS = 250;
/** A process paused for longer than this may have missed a change that others have applied. */
const SUSPENDED_AFTER_MS = 2000;

/**
 * Detects that this process did not run for a while: stopped, starved, or on a machine that slept. Its state then
 * predates the pause, however young it looks, until it reads the database again.
 */
export class Suspension {
  private ranAtMs: number;
  /** How far the wall clock is ahead of the monotonic clock, which stops while a machine sleeps. */
  private aheadMs: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Monotonic. */
    private readonly clock: Clock,
    private readonly wallClock: Clock,
    private readonly onWoken: () => void,
  ) {
    this.ranAtMs = clock.now();
    this.aheadMs = wallClock.now() - this.ranAtMs;
  }

  /** Starts watching. */
  start(): void {
    this.check();
    this.timer = setInterval(() => this.check(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Reports a pause immediately; called before every decision, since timers run late after a pause. */
  check(): void {
    const nowMs = this.clock.now();
    const aheadMs = this.wallClock.now() - nowMs;
    const slept = nowMs - this.ranAtMs > SUSPENDED_AFTER_MS || aheadMs - this.aheadMs > SUSPENDED_AFTER_MS;
    this.ranAtMs = nowMs;
    this.aheadMs = aheadMs;
    if (slept) this.onWoken();
  }
}
