import type { Clock } from '../../core/clock.js';
import { LimitEntry, MAX_LEASE_MS } from './limit-entry.js';
import { isLimited, type LimitRules } from './limit-rules.js';
import { UNLIMITED } from './limit-state.js';
import type { Lease, LimitDecision, PastSpends, RateLimiter } from './rate-limiter.js';

/**
 * Entries checked for expiry per call. More than are added, so that memory use follows the number of active subjects.
 */
const SWEEP_STEPS = 2;

/** A lease for subjects without limits. */
export const unlimitedLease = (units: number): Lease => ({
  ...UNLIMITED,
  units,
  ttlMs: MAX_LEASE_MS,
  returnUnits: () => undefined,
});

/**
 * Windows and quotas in the memory of one process. Subjects are evicted after two idle windows, and not before the end
 * of their quota period.
 */
export class MemoryRateLimiter implements RateLimiter {
  private readonly entries = new Map<string, LimitEntry>();
  private sweep = this.entries.entries();
  private lastReadMs: number;
  private steppedBackMs = 0;

  /** @param clock Should not jump: a monotonic clock that was near UTC at startup. */
  constructor(private readonly clock: Clock) {
    this.lastReadMs = clock.now();
  }

  consume(subject: string, rules: LimitRules, cost: number): LimitDecision {
    if (!isLimited(rules)) return UNLIMITED;
    const nowMs = this.now();
    this.sweepSome(nowMs);
    return this.entryOf(subject, rules).consume(nowMs, cost);
  }

  lease(subject: string, rules: LimitRules, wanted: number, needed: number): Lease {
    if (!isLimited(rules)) return unlimitedLease(wanted);
    const nowMs = this.now();
    this.sweepSome(nowMs);
    return this.entryOf(subject, rules).lease(nowMs, wanted, needed);
  }

  /**
   * Adds the units spent before a restart to the current counts: in quotas and in windows of an hour or more. A span
   * counts as if all of it were spent at its end, or now if it has not ended, so that never more than the limit is
   * admitted; shorter windows start empty.
   */
  restore(subject: string, rules: LimitRules, spends: PastSpends): void {
    if (!isLimited(rules)) return;
    this.entryOf(subject, rules).restore(this.now(), spends);
  }

  /** Removes and returns the entry of a subject. */
  takeOut(subject: string): LimitEntry | undefined {
    const entry = this.entries.get(subject);
    this.entries.delete(subject);
    return entry;
  }

  /** Restores a removed entry, unless the subject was used since. */
  putBack(subject: string, entry: LimitEntry): void {
    if (!this.entries.has(subject)) this.entries.set(subject, entry);
  }

  /** Number of tracked subjects. */
  get size(): number {
    return this.entries.size;
  }

  /**
   * A time that never decreases. After the clock was set back, time continues from where it was, so that no period
   * begins twice.
   */
  private now(): number {
    const readMs = this.clock.now();
    if (readMs < this.lastReadMs) this.steppedBackMs += this.lastReadMs - readMs;
    this.lastReadMs = readMs;
    return readMs + this.steppedBackMs;
  }

  private entryOf(subject: string, rules: LimitRules): LimitEntry {
    const known = this.entries.get(subject);
    if (known?.rules === rules) return known;
    const entry = new LimitEntry(rules, known);
    this.entries.set(subject, entry);
    return entry;
  }

  private sweepSome(nowMs: number): void {
    for (let i = 0; i < SWEEP_STEPS; i++) {
      const next = this.sweep.next();
      if (next.done) {
        this.sweep = this.entries.entries();
        return;
      }
      const [subject, entry] = next.value;
      if (entry.expiresAtMs <= nowMs) this.entries.delete(subject);
    }
  }
}
