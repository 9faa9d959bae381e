import type { Clock } from '../../core/clock.js';
import type { LimitDecision, LimitState, RateLimiter } from './rate-limiter.js';
import { advance, emptyWindow, fits, usedOf, waitFor } from './sliding-window.js';
import type { LimitWindow, WindowState } from './sliding-window.js';

/** Entries looked at for expiry per call: more than are added, so the memory follows the number of active subjects. */
const SWEEP_STEPS = 2;

/** The windows of one subject by length; renaming a limit or changing its number keeps what was used. */
interface Entry {
  readonly windows: Map<number, WindowState>;
  expiresAtMs: number;
}

const UNLIMITED: LimitDecision = { allowed: true, limits: [], retryAfterSeconds: null };

/** Windows in the memory of one node. Subjects that were quiet for two windows are forgotten. */
export class MemoryRateLimiter implements RateLimiter {
  private readonly entries = new Map<string, Entry>();
  private sweep = this.entries.entries();

  /** @param clock Should not jump: a monotonic clock. */
  constructor(private readonly clock: Clock) {}

  consume(subject: string, windows: readonly LimitWindow[], cost: number): LimitDecision {
    if (windows.length === 0) return UNLIMITED;
    const now = this.clock.now();
    this.sweepSome(now);
    const entry = this.entryOf(subject, windows, now);
    const allowed = windows.every(({ limit, windowSeconds }) =>
      fits(entry.windows.get(windowSeconds)!, windowSeconds * 1000, limit, cost, now),
    );
    if (allowed) {
      for (const [seconds, state] of entry.windows) {
        entry.windows.set(seconds, { ...state, current: state.current + cost });
      }
    }
    const waits = allowed ? [] : windows.map((window) => this.wait(entry, window, cost, now));
    return {
      allowed,
      limits: windows.map((window) => this.stateOf(entry, window, now)),
      retryAfterSeconds: allowed ? null : Math.max(1, Math.ceil(Math.max(...waits) / 1000)),
    };
  }

  /** Number of remembered subjects. */
  get size(): number {
    return this.entries.size;
  }

  private entryOf(subject: string, windows: readonly LimitWindow[], now: number): Entry {
    const known = this.entries.get(subject);
    const states = new Map<number, WindowState>();
    let longest = 0;
    for (const { windowSeconds } of windows) {
      const windowMs = windowSeconds * 1000;
      const state = known?.windows.get(windowSeconds);
      states.set(windowSeconds, state ? advance(state, windowMs, now) : emptyWindow(windowMs, now));
      longest = Math.max(longest, windowMs);
    }
    const entry = { windows: states, expiresAtMs: now + 2 * longest };
    this.entries.set(subject, entry);
    return entry;
  }

  private wait(entry: Entry, window: LimitWindow, cost: number, now: number): number {
    const state = entry.windows.get(window.windowSeconds)!;
    return waitFor(state, window.windowSeconds * 1000, window.limit, cost, now);
  }

  private stateOf(entry: Entry, window: LimitWindow, now: number): LimitState {
    const windowMs = window.windowSeconds * 1000;
    const state = entry.windows.get(window.windowSeconds)!;
    const left = Math.floor(window.limit - usedOf(state, windowMs, now) + 1e-9);
    return {
      name: window.name,
      limit: window.limit,
      remaining: Math.max(0, left),
      windowSeconds: window.windowSeconds,
      resetSeconds: Math.max(1, Math.ceil((state.startMs + windowMs - now) / 1000)),
    };
  }

  private sweepSome(now: number): void {
    for (let i = 0; i < SWEEP_STEPS; i++) {
      const next = this.sweep.next();
      if (next.done) {
        this.sweep = this.entries.entries();
        return;
      }
      const [subject, entry] = next.value;
      if (entry.expiresAtMs <= now) this.entries.delete(subject);
    }
  }
}
