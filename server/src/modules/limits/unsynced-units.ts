import type { Clock } from '../../core/clock.js';
import type { LimitEntry } from './limit-entry.js';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Lease } from './rate-limiter.js';

/** Usage of a subject that this process counted alone and that the shared limits do not include yet. */
export interface Unsynced {
  readonly subject: string;
  readonly rules: LimitRules;
  /** For each window, in the order of the rules: the units that still count. */
  readonly windowUnits: readonly number[];
  readonly entry: LimitEntry | undefined;
}

interface Pending {
  readonly rules: LimitRules;
  /** When the last of the units was spent; monotonic. */
  readonly atMs: number;
}

/** Usage that this process has yet to sync to the shared limits, by subject. */
export class UnsyncedUnits {
  private readonly pending = new Map<string, Pending>();
  /** Counts what still applies, by subject. */
  private readonly counts: MemoryRateLimiter;

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {
    this.counts = new MemoryRateLimiter(clock);
  }

  /** Number of subjects with unsynced usage. */
  get size(): number {
    return this.pending.size;
  }

  /** Records usage. 0 units: the amount is unknown. */
  add(subject: string, rules: LimitRules, units: number): void {
    if (units > 0) this.counts.consume(subject, rules, units);
    this.pending.set(subject, { rules, atMs: this.clock.now() });
  }

  /** Like {@link add}, for a lease; returns a function that returns unused units. */
  addLease(subject: string, rules: LimitRules, units: number): Lease['returnUnits'] {
    const lease = this.counts.lease(subject, rules, units, units);
    this.pending.set(subject, { rules, atMs: this.clock.now() });
    return (unused) => lease.returnUnits(Math.min(unused, lease.units));
  }

  /** Takes the usage of up to `count` subjects that were last used at least `agoMs` milliseconds ago. */
  take(count: number, agoMs: number): Unsynced[] {
    const untilMs = this.clock.now() - agoMs;
    const taken: Unsynced[] = [];
    for (const [subject, { rules, atMs }] of this.pending) {
      if (taken.length === count) break;
      if (atMs > untilMs) continue;
      this.pending.delete(subject);
      const windowUnits = this.windowUnits(subject, rules);
      taken.push({ subject, rules, windowUnits, entry: this.counts.takeOut(subject) });
    }
    return taken;
  }

  /** Puts back usage after a failed sync. */
  putBack({ subject, rules, entry }: Unsynced): void {
    if (entry) this.counts.putBack(subject, entry);
    this.add(subject, rules, 0);
  }

  private windowUnits(subject: string, rules: LimitRules): number[] {
    // A cost that never fits only reads the state.
    const { limits } = this.counts.consume(subject, rules, Number.MAX_SAFE_INTEGER);
    return rules.windows.map(({ limit }, i) => limit - limits[i]!.remaining);
  }
}
