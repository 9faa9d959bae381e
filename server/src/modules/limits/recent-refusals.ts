import type { Clock } from '../../core/clock.js';
import type { LimitRules } from './limit-rules.js';
import type { LimitDecision } from './rate-limiter.js';

/** How long a refusal stands without asking again. */
const STANDS_FOR_MS = 100;
/** More are not remembered. */
const MAX_SUBJECTS = 10_000;

interface Refusal {
  readonly rules: LimitRules;
  readonly cost: number;
  readonly untilMs: number;
  readonly decision: LimitDecision;
}

/** What was refused a moment ago, and is refused again without asking: a flood of refusals costs others nothing. */
export class RecentRefusals {
  private readonly bySubject = new Map<string, Refusal>();

  /** @param clock Monotonic. */
  constructor(private readonly clock: Clock) {}

  /** The refusal of as much under the same rules; undefined when it must be asked for. */
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

  /** Something of the subject was given back. */
  forget(subject: string): void {
    this.bySubject.delete(subject);
  }
}
