import { isLimited, survivesRestart, type LimitRules } from './limit-rules.js';
import { UNLIMITED } from './limit-state.js';
import { unlimitedLease, type MemoryRateLimiter } from './memory-rate-limiter.js';
import type { Lease, LimitDecision, RateLimiter } from './rate-limiter.js';
import type { RedisLimits } from './shared-limits.redis.js';

/** How long what was decided alone takes at most to reach the database, from where it is counted in again. */
const WRITTEN_WITHIN_MS = 2000;

/**
 * Counts with all processes together while that is possible, and alone while it is not: verification never stops for it. What this
 * process admits is counted here as well, so that it hands out nothing anew when it is left alone.
 */
export class SharedRateLimiter implements RateLimiter {
  /** Decisions that were made alone since the process began. */
  alone = 0;
  /** Whether it admitted something alone that lasts, and those who count together do not know of yet. */
  private owes = false;
  private settling: NodeJS.Timeout | undefined;

  constructor(
    private readonly together: Pick<RedisLimits, 'consume' | 'lease' | 'begin'>,
    private readonly own: MemoryRateLimiter,
  ) {}

  consume(subject: string, rules: LimitRules, cost: number): LimitDecision | Promise<LimitDecision> {
    if (!isLimited(rules)) return UNLIMITED;
    return this.together.consume(subject, rules, cost).then(
      (decision) => {
        if (decision.allowed) this.own.consume(subject, rules, cost);
        this.settleSoon();
        return decision;
      },
      () => this.decideAlone(rules, this.own.consume(subject, rules, cost)),
    );
  }

  lease(subject: string, rules: LimitRules, wanted: number, needed: number): Lease | Promise<Lease> {
    if (!isLimited(rules)) return unlimitedLease(wanted);
    return this.together.lease(subject, rules, wanted, needed).then(
      (lease) => {
        if (lease.units > 0) this.own.consume(subject, rules, lease.units);
        this.settleSoon();
        return lease;
      },
      () => this.decideAlone(rules, this.own.lease(subject, rules, wanted, needed)),
    );
  }

  /** Settles nothing any more. */
  close(): void {
    clearTimeout(this.settling);
  }

  private decideAlone<Decision extends LimitDecision | Lease>(
    rules: LimitRules,
    decision: Decision,
  ): Decision {
    this.alone++;
    if (decision.refusedBy === null && survivesRestart(rules)) this.owes = true;
    return decision;
  }

  /** Once others can be reached again, and what was admitted alone is in the database, all of it is counted anew from there. */
  private settleSoon(): void {
    if (!this.owes || this.settling) return;
    this.settling = setTimeout(() => {
      this.settling = undefined;
      this.owes = false;
      this.together.begin(true).catch(() => (this.owes = true));
    }, WRITTEN_WITHIN_MS).unref();
  }
}
