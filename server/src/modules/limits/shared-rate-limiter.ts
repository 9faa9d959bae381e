import type { Clock } from '../../core/clock.js';
import { isUnanswered, type Guarded } from '../../core/redis-scripts.js';
import { isLimited, type LimitRules } from './limit-rules.js';
import { UNLIMITED } from './limit-state.js';
import { unlimitedLease, type MemoryRateLimiter } from './memory-rate-limiter.js';
import { OwedUnits, type Owed } from './owed-units.js';
import type { Lease, LimitDecision, RateLimiter } from './rate-limiter.js';
import { RecentRefusals } from './recent-refusals.js';
import type { RedisLimits } from './shared-limits.redis.js';

/** What a {@link SharedRateLimiter} works with. */
export interface SharedRateLimiterParts {
  readonly together: Pick<RedisLimits, 'consume' | 'consumeOnce' | 'lease' | 'add'>;
  readonly own: MemoryRateLimiter;
  readonly monotonicClock: Clock;
  readonly log: (message: string) => void;
}

const TELL_EVERY_MS = 60_000;
/** What passed reaches the database within this, from where it is counted in. */
const WRITTEN_WITHIN_MS = 2_000;
/** Subjects that are paid for at once. */
const PAID_TOGETHER = 50;

const NOTHING = (): void => undefined;

/**
 * Counts with all processes together while that is possible, and alone while it is not: verification never stops for it. What this
 * process admits is counted here as well, so that it hands out nothing anew when it is left alone; what it admits alone it owes to
 * the others, and tells them once it can and it is written. A question that is not answered in time is answered late, and so has
 * been counted: of that it owes no units, but has what lasts looked up.
 */
export class SharedRateLimiter implements RateLimiter {
  /** Decisions that were made alone since the process began. */
  alone = 0;
  private readonly owed: OwedUnits;
  private readonly refusals: RecentRefusals;
  private paying: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private toldAtMs = -Infinity;

  constructor(private readonly parts: SharedRateLimiterParts) {
    this.owed = new OwedUnits(parts.monotonicClock);
    this.refusals = new RecentRefusals(parts.monotonicClock);
  }

  consume(subject: string, rules: LimitRules, cost: number): LimitDecision | Promise<LimitDecision> {
    if (!isLimited(rules)) return UNLIMITED;
    return this.refusals.of(subject, rules, cost) ?? this.consumeTogether(subject, rules, cost);
  }

  /**
   * Takes units under a condition, in one step with it; or why that refused. Never alone: rejects when Redis cannot say. What was
   * refused a moment ago is asked about again, since the condition comes first.
   */
  async consumeOnce(
    subject: string,
    rules: LimitRules,
    cost: number,
    once: Guarded,
  ): Promise<LimitDecision | string> {
    const { together, own } = this.parts;
    const decision = await together.consumeOnce(subject, rules, cost, once);
    if (typeof decision !== 'string' && decision.allowed) own.consume(subject, rules, cost);
    return decision;
  }

  lease(subject: string, rules: LimitRules, wanted: number, needed: number): Lease | Promise<Lease> {
    if (!isLimited(rules)) return unlimitedLease(wanted);
    const refused = this.refusals.of(subject, rules, needed);
    if (refused) return { ...refused, units: 0, ttlMs: 0, giveBack: NOTHING };
    return this.leaseTogether(subject, rules, wanted, needed);
  }

  /** Tells others everything that is owed to them, and nothing any more. */
  async close(): Promise<void> {
    await this.paying;
    await this.pay(true);
    clearTimeout(this.timer);
  }

  private async consumeTogether(subject: string, rules: LimitRules, cost: number): Promise<LimitDecision> {
    const { together, own } = this.parts;
    let decision: LimitDecision;
    try {
      decision = await together.consume(subject, rules, cost);
    } catch (error) {
      const alone = own.consume(subject, rules, cost);
      this.decidedAlone(error);
      if (alone.allowed) this.owed.add(subject, rules, isUnanswered(error) ? 0 : cost);
      this.paySoon();
      return alone;
    }
    if (decision.allowed) own.consume(subject, rules, cost);
    else this.refusals.note(subject, rules, cost, decision);
    return decision;
  }

  private async leaseTogether(
    subject: string,
    rules: LimitRules,
    wanted: number,
    needed: number,
  ): Promise<Lease> {
    const { together, own } = this.parts;
    let lease: Lease;
    try {
      lease = await together.lease(subject, rules, wanted, needed);
    } catch (error) {
      const alone = own.lease(subject, rules, wanted, needed);
      this.decidedAlone(error);
      if (alone.units === 0) return alone;
      const oweLess = this.oweLease(subject, rules, alone.units, error);
      this.paySoon();
      return this.returnable(subject, alone, oweLess);
    }
    if (lease.units > 0) {
      const mine = own.lease(subject, rules, lease.units, lease.units);
      return this.returnable(subject, lease, (units) => mine.giveBack(Math.min(units, mine.units)));
    }
    const { limits, retryAfterSeconds, refusedBy } = lease;
    this.refusals.note(subject, rules, needed, { allowed: false, limits, retryAfterSeconds, refusedBy });
    return lease;
  }

  private oweLease(subject: string, rules: LimitRules, units: number, error: unknown): Lease['giveBack'] {
    if (!isUnanswered(error)) return this.owed.addLease(subject, rules, units);
    this.owed.add(subject, rules, 0);
    return NOTHING;
  }

  private returnable(subject: string, lease: Lease, alsoGiveBack: Lease['giveBack']): Lease {
    const giveBack = (units: number): void => {
      lease.giveBack(units);
      alsoGiveBack(units);
      this.refusals.forget(subject);
    };
    return { ...lease, giveBack };
  }

  private decidedAlone(error: unknown): void {
    this.alone++;
    const nowMs = this.parts.monotonicClock.now();
    if (nowMs - this.toldAtMs < TELL_EVERY_MS) return;
    this.toldAtMs = nowMs;
    this.parts.log(`Limits are counted by this process alone for now: ${(error as Error).message}`);
  }

  private paySoon(): void {
    if (this.owed.size === 0) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.pay();
    }, WRITTEN_WITHIN_MS).unref();
  }

  /** Tells others what is owed to them; also what may not be written yet, with `all`. Ends when nothing can be told. */
  private pay(all = false): Promise<void> {
    this.paying ??= this.payAll(all ? 0 : WRITTEN_WITHIN_MS).finally(() => {
      this.paying = null;
      if (!all) this.paySoon();
    });
    return this.paying;
  }

  private async payAll(agoMs: number): Promise<void> {
    for (;;) {
      const owed = this.owed.take(PAID_TOGETHER, agoMs);
      const paid = await Promise.all(owed.map((each) => this.payOne(each)));
      if (!paid.includes(true)) return;
    }
  }

  /** Whether it was told. What was sent and not answered is not told again, as it most probably arrived. */
  private async payOne(owed: Owed): Promise<boolean> {
    try {
      await this.parts.together.add(owed.subject, owed.rules, owed.windowUnits);
      return true;
    } catch (error) {
      if (isUnanswered(error)) return false;
      this.owed.putBack(owed);
      return false;
    }
  }
}
