import type { Clock } from '../../core/clock.js';
import { isLimited, type LimitRules } from './limit-rules.js';
import { UNLIMITED } from './limit-state.js';
import { unlimitedLease, type MemoryRateLimiter } from './memory-rate-limiter.js';
import { OwedUnits } from './owed-units.js';
import type { Lease, LimitDecision, RateLimiter } from './rate-limiter.js';
import { RecentRefusals } from './recent-refusals.js';
import type { RedisLimits } from './shared-limits.redis.js';

/** What a {@link SharedRateLimiter} works with. */
export interface SharedRateLimiterParts {
  readonly together: Pick<RedisLimits, 'consume' | 'lease' | 'pay' | 'era'>;
  readonly own: MemoryRateLimiter;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly log: (message: string) => void;
}

const TELL_EVERY_MS = 60_000;

/**
 * Counts with all processes together while that is possible, and alone while it is not: verification never stops for it. What this
 * process admits is counted here as well, so that it hands out nothing anew when it is left alone; what it admits alone it owes to
 * the others, and tells them as soon as it can.
 */
export class SharedRateLimiter implements RateLimiter {
  /** Decisions that were made alone since the process began. */
  alone = 0;
  private readonly owed = new OwedUnits();
  private readonly refusals: RecentRefusals;
  private paying: Promise<void> | null = null;
  private toldAtMs = -Infinity;

  constructor(private readonly parts: SharedRateLimiterParts) {
    this.refusals = new RecentRefusals(parts.monotonicClock);
  }

  consume(subject: string, rules: LimitRules, cost: number): LimitDecision | Promise<LimitDecision> {
    if (!isLimited(rules)) return UNLIMITED;
    return this.refusals.of(subject, rules, cost) ?? this.consumeTogether(subject, rules, cost);
  }

  lease(subject: string, rules: LimitRules, wanted: number, needed: number): Lease | Promise<Lease> {
    if (!isLimited(rules)) return unlimitedLease(wanted);
    return this.leaseTogether(subject, rules, wanted, needed);
  }

  /** Tells others what is owed to them, until all is told or it cannot be. */
  pay(): Promise<void> {
    this.paying ??= this.payAll().finally(() => (this.paying = null));
    return this.paying;
  }

  private async consumeTogether(subject: string, rules: LimitRules, cost: number): Promise<LimitDecision> {
    const { together, own } = this.parts;
    const owed = this.owed.take(subject);
    let decision: LimitDecision;
    try {
      decision = await together.consume(subject, rules, cost, owed);
    } catch (error) {
      if (owed) this.owed.add(subject, owed);
      const alone = own.consume(subject, rules, cost);
      this.decidedAlone(subject, rules, alone.allowed ? cost : 0, error);
      return alone;
    }
    if (decision.allowed) own.consume(subject, rules, cost);
    else this.refusals.note(subject, rules, cost, decision);
    this.paySoon();
    return decision;
  }

  private async leaseTogether(
    subject: string,
    rules: LimitRules,
    wanted: number,
    needed: number,
  ): Promise<Lease> {
    const { together, own } = this.parts;
    const owed = this.owed.take(subject);
    let lease: Lease;
    try {
      lease = await together.lease(subject, rules, wanted, needed, owed);
    } catch (error) {
      if (owed) this.owed.add(subject, owed);
      const alone = own.lease(subject, rules, wanted, needed);
      this.decidedAlone(subject, rules, alone.units, error);
      return alone;
    }
    this.paySoon();
    if (lease.units === 0) return lease;
    const mine = own.lease(subject, rules, lease.units, lease.units);
    const giveBack = (units: number): void => {
      lease.giveBack(units);
      if (mine.units > 0) mine.giveBack(Math.min(units, mine.units));
      this.refusals.forget(subject);
    };
    return { ...lease, giveBack };
  }

  private decidedAlone(subject: string, rules: LimitRules, units: number, error: unknown): void {
    const { clock, monotonicClock, together, log } = this.parts;
    this.alone++;
    const nowMs = monotonicClock.now();
    if (nowMs - this.toldAtMs >= TELL_EVERY_MS) {
      this.toldAtMs = nowMs;
      log(`Limits are counted by this process alone for now: ${(error as Error).message}`);
    }
    if (units === 0) return;
    this.owed.add(subject, { rules, units, atMs: clock.now(), era: together.era });
  }

  private paySoon(): void {
    if (this.owed.size > 0) void this.pay();
  }

  private async payAll(): Promise<void> {
    for (let next = this.owed.takeFirst(); next; next = this.owed.takeFirst()) {
      const [subject, owed] = next;
      try {
        await this.parts.together.pay(subject, owed);
      } catch {
        this.owed.add(subject, owed);
        return;
      }
    }
  }
}
