import type { Clock } from '../../core/clock.js';
import type { LimitDecision, LimitState, RateLimiter } from './rate-limiter.js';
import { SlidingWindow, type LimitWindow } from './sliding-window.js';

/** Entries looked at for expiry per call: more than are added, so the memory follows the number of active subjects. */
const SWEEP_STEPS = 2;

/** The windows of one subject by length; renaming a limit or changing its number keeps what was used. */
interface Entry {
  readonly windows: Map<number, SlidingWindow>;
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
    const allowed = windows.every(
      ({ limit, windowSeconds }) => entry.windows.get(windowSeconds)!.used(now) + cost <= limit,
    );
    if (allowed) for (const window of entry.windows.values()) window.spend(now, cost);
    return {
      allowed,
      limits: windows.map((window) => this.stateOf(entry, window, now)),
      retryAfterSeconds: allowed ? null : this.retryAfter(entry, windows, cost, now),
    };
  }

  /** Number of remembered subjects. */
  get size(): number {
    return this.entries.size;
  }

  private entryOf(subject: string, windows: readonly LimitWindow[], now: number): Entry {
    const known = this.entries.get(subject);
    const states = new Map<number, SlidingWindow>();
    let longest = 0;
    for (const { windowSeconds } of windows) {
      const windowMs = windowSeconds * 1000;
      states.set(windowSeconds, known?.windows.get(windowSeconds) ?? new SlidingWindow(windowMs));
      longest = Math.max(longest, windowMs);
    }
    const entry = { windows: states, expiresAtMs: now + 2 * longest };
    this.entries.set(subject, entry);
    return entry;
  }

  /** Whole seconds until all windows fit the cost; null when one of them never will. */
  private retryAfter(
    entry: Entry,
    windows: readonly LimitWindow[],
    cost: number,
    now: number,
  ): number | null {
    let longest = 0;
    for (const { limit, windowSeconds } of windows) {
      const wait = entry.windows.get(windowSeconds)!.waitFor(now, limit, cost);
      if (wait === null) return null;
      longest = Math.max(longest, wait);
    }
    return Math.max(1, Math.ceil(longest / 1000));
  }

  private stateOf(entry: Entry, { name, limit, windowSeconds }: LimitWindow, now: number): LimitState {
    const window = entry.windows.get(windowSeconds)!;
    return {
      name,
      limit,
      remaining: Math.max(0, limit - window.used(now)),
      windowSeconds,
      resetSeconds: Math.ceil(window.drainsIn(now) / 1000),
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
