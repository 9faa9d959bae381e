import type { Clock } from '../../core/clock.js';
import type { LimitRules } from './limit-rules.js';
import type { LimitDecision } from './rate-limiter.js';

/** How long a refusal is cached, in milliseconds. */
const STANDS_FOR_MS = 100;
/** Maximum number of cached refusals. */
const MAX_SUBJECTS = 10_000;

interface Refusal {
  readonly rules: LimitRules;
  readonly cost: number;
  readonly untilMs: number;
  readonly decision: LimitDecision;
}

/** Caches refusals for a moment and repeats them locally, so that a flood of rejected calls costs others nothing. */
export class RecentRefusals {
  private readonly bySubject = new Map<string, Refusal>();

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {}

  /** The cached refusal of the same cost under the same rules; undefined if there is none. */
  of(subject: string, rules: LimitRules, cost: number): LimitDecision | undefined {
    const known = this.bySubject.get(subject);
    if (!known) return undefined;
    if (known.rules === rules && this.clock.now() < known.untilMs) {
      return cost === known.cost ? known.decision : undefined;
    }
    this.bySubject.delete(subject);
    return undefined;
  }

  note(subject: string, rules: LimitRules, cost: number, decision: LimitDecision): void {
    if (this.bySubject.size >= MAX_SUBJECTS) this.bySubject.clear();
    this.bySubject.set(subject, { rules, cost, decision, untilMs: this.clock.now() + STANDS_FOR_MS });
  }

  /** Drops the refusal of a subject after units were returned. */
  forget(subject: string): void {
    this.bySubject.delete(subject);
  }
}
