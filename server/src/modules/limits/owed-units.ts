import type { Clock } from '../../core/clock.js';
import type { LimitEntry } from './limit-entry.js';
import type { LimitRules } from './limit-rules.js';
import { MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Lease } from './rate-limiter.js';

/** What passed of a subject while its process counted alone, and those who count together do not know of yet. */
export interface Owed {
  readonly subject: string;
  readonly rules: LimitRules;
  /** Of each window, in the order of the rules: the units that still count. */
  readonly windowUnits: readonly number[];
  readonly entry: LimitEntry | undefined;
}

interface Debt {
  readonly rules: LimitRules;
  /** When the last of it passed; monotonic. */
  readonly atMs: number;
}

/** What a process owes to those who count together, by subject. */
export class OwedUnits {
  private readonly debts = new Map<string, Debt>();
  /** Knows what still counts, and of what. */
  private readonly counts: MemoryRateLimiter;

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {
    this.counts = new MemoryRateLimiter(clock);
  }

  /** How many subjects there is something owed of. */
  get size(): number {
    return this.debts.size;
  }

  /** Owes what passed, which may be nothing that is known. */
  add(subject: string, rules: LimitRules, units: number): void {
    if (units > 0) this.counts.consume(subject, rules, units);
    this.debts.set(subject, { rules, atMs: this.clock.now() });
  }

  /** The same for units that were taken in advance; returns how some of them are owed no more. */
  addLease(subject: string, rules: LimitRules, units: number): Lease['giveBack'] {
    const lease = this.counts.lease(subject, rules, units, units);
    this.debts.set(subject, { rules, atMs: this.clock.now() });
    return (unused) => lease.giveBack(Math.min(unused, lease.units));
  }

  /** Takes out, of as many subjects, what passed no later than so many milliseconds ago. */
  take(count: number, agoMs: number): Owed[] {
    const untilMs = this.clock.now() - agoMs;
    const taken: Owed[] = [];
    for (const [subject, { rules, atMs }] of this.debts) {
      if (taken.length === count) break;
      if (atMs > untilMs) continue;
      this.debts.delete(subject);
      const windowUnits = this.windowUnits(subject, rules);
      taken.push({ subject, rules, windowUnits, entry: this.counts.takeOut(subject) });
    }
    return taken;
  }

  /** Owes again what could not be told. */
  putBack({ subject, rules, entry }: Owed): void {
    if (entry) this.counts.putBack(subject, entry);
    this.add(subject, rules, 0);
  }

  private windowUnits(subject: string, rules: LimitRules): number[] {
    // A cost that never fits only looks.
    const { limits } = this.counts.consume(subject, rules, Number.MAX_SAFE_INTEGER);
    return rules.windows.map(({ limit }, i) => limit - limits[i]!.remaining);
  }
}
