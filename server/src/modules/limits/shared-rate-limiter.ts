import type { Clock } from '../../core/clock.js';
import { isUnanswered, type Guarded } from '../../core/redis-scripts.js';
import { isLimited, type LimitRules } from './limit-rules.js';
import { UNLIMITED } from './limit-state.js';
import { unlimitedLease, type MemoryRateLimiter } from './memory-rate-limiter.js';
import { UnsyncedUnits, type Unsynced } from './unsynced-units.js';
import type { Lease, LimitDecision, RateLimiter } from './rate-limiter.js';
import { RecentRefusals } from './recent-refusals.js';
import type { RedisLimits } from './shared-limits.redis.js';

export interface SharedRateLimiterDeps {
  readonly shared: Pick<RedisLimits, 'consume' | 'consumeOnce' | 'lease' | 'add'>;
  readonly own: MemoryRateLimiter;
  readonly monotonicClock: Clock;
  readonly log: (message: string) => void;
}

const LOG_INTERVAL_MS = 60_000;
/** Usage reaches the database within this time after it was counted, in milliseconds. */
const MAX_WRITE_DELAY_MS = 2_000;
/** Number of subjects synced concurrently. */
const FLUSH_BATCH_SIZE = 50;

const NOTHING = (): void => undefined;

/**
 * Counts together with all processes through Redis while possible, and alone otherwise: verification never stops.
 * Everything that this process admits is also counted locally, so that it does not admit it again when it is on its
 * own. What it admits alone is unsynced usage, which it sends to the others when Redis is back and the database has it.
 * A request that timed out may still have been counted by Redis, so its units are not synced; only lasting usage is
 * restored.
 */
export class SharedRateLimiter implements RateLimiter {
  /** Decisions made alone since the process started. */
  alone = 0;
  private readonly unsynced: UnsyncedUnits;
  private readonly refusals: RecentRefusals;
  private flushing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private loggedAtMs = -Infinity;

  constructor(private readonly deps: SharedRateLimiterDeps) {
    this.unsynced = new UnsyncedUnits(deps.monotonicClock);
    this.refusals = new RecentRefusals(deps.monotonicClock);
  }

  consume(subject: string, rules: LimitRules, cost: number): LimitDecision | Promise<LimitDecision> {
    if (!isLimited(rules)) return UNLIMITED;
    return this.refusals.of(subject, rules, cost) ?? this.consumeTogether(subject, rules, cost);
  }

  /**
   * Consumes units under a condition that is checked atomically; returns the reason if the condition fails. Never
   * decides alone: rejects if Redis cannot answer. Cached refusals are ignored because the condition comes first.
   */
  async consumeOnce(
    subject: string,
    rules: LimitRules,
    cost: number,
    once: Guarded,
  ): Promise<LimitDecision | string> {
    const { shared, own } = this.deps;
    const decision = await shared.consumeOnce(subject, rules, cost, once);
    if (typeof decision !== 'string' && decision.allowed) own.consume(subject, rules, cost);
    return decision;
  }

  lease(subject: string, rules: LimitRules, wanted: number, needed: number): Lease | Promise<Lease> {
    if (!isLimited(rules)) return unlimitedLease(wanted);
    const refused = this.refusals.of(subject, rules, needed);
    if (refused) return { ...refused, units: 0, ttlMs: 0, returnUnits: NOTHING };
    return this.leaseTogether(subject, rules, wanted, needed);
  }

  /** Syncs all remaining usage and stops. */
  async close(): Promise<void> {
    await this.flushing;
    await this.flush(true);
    clearTimeout(this.timer);
  }

  private async consumeTogether(subject: string, rules: LimitRules, cost: number): Promise<LimitDecision> {
    const { shared, own } = this.deps;
    let decision: LimitDecision;
    try {
      decision = await shared.consume(subject, rules, cost);
    } catch (error) {
      const alone = own.consume(subject, rules, cost);
      this.decidedAlone(error);
      if (alone.allowed) this.unsynced.add(subject, rules, isUnanswered(error) ? 0 : cost);
      this.flushSoon();
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
    const { shared, own } = this.deps;
    let lease: Lease;
    try {
      lease = await shared.lease(subject, rules, wanted, needed);
    } catch (error) {
      const alone = own.lease(subject, rules, wanted, needed);
      this.decidedAlone(error);
      if (alone.units === 0) return alone;
      const reduceUnsynced = this.addUnsyncedLease(subject, rules, alone.units, error);
      this.flushSoon();
      return this.returnable(subject, alone, reduceUnsynced);
    }
    if (lease.units > 0) {
      const mine = own.lease(subject, rules, lease.units, lease.units);
      return this.returnable(subject, lease, (units) => mine.returnUnits(Math.min(units, mine.units)));
    }
    const { limits, retryAfterSeconds, refusedBy } = lease;
    this.refusals.note(subject, rules, needed, { allowed: false, limits, retryAfterSeconds, refusedBy });
    return lease;
  }

  private addUnsyncedLease(
    subject: string,
    rules: LimitRules,
    units: number,
    error: unknown,
  ): Lease['returnUnits'] {
    if (!isUnanswered(error)) return this.unsynced.addLease(subject, rules, units);
    this.unsynced.add(subject, rules, 0);
    return NOTHING;
  }

  private returnable(subject: string, lease: Lease, alsoReturn: Lease['returnUnits']): Lease {
    const returnUnits = (units: number): void => {
      lease.returnUnits(units);
      alsoReturn(units);
      this.refusals.forget(subject);
    };
    return { ...lease, returnUnits };
  }

  private decidedAlone(error: unknown): void {
    this.alone++;
    const nowMs = this.deps.monotonicClock.now();
    if (nowMs - this.loggedAtMs < LOG_INTERVAL_MS) return;
    this.loggedAtMs = nowMs;
    this.deps.log(`This process counts limits on its own for now: ${(error as Error).message}`);
  }

  private flushSoon(): void {
    if (this.unsynced.size === 0) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, MAX_WRITE_DELAY_MS).unref();
  }

  /** Syncs unsynced usage; with `all` also usage that may not be in the database yet. Stops when a sync fails. */
  private flush(all = false): Promise<void> {
    this.flushing ??= this.flushAll(all ? 0 : MAX_WRITE_DELAY_MS).finally(() => {
      this.flushing = null;
      if (!all) this.flushSoon();
    });
    return this.flushing;
  }

  private async flushAll(agoMs: number): Promise<void> {
    for (;;) {
      const unsynced = this.unsynced.take(FLUSH_BATCH_SIZE, agoMs);
      const flushed = await Promise.all(unsynced.map((each) => this.flushOne(each)));
      if (!flushed.includes(true)) return;
    }
  }

  /** Whether it was synced. A sync without a reply is not repeated because it most probably arrived. */
  private async flushOne(unsynced: Unsynced): Promise<boolean> {
    try {
      await this.deps.shared.add(unsynced.subject, unsynced.rules, unsynced.windowUnits);
      return true;
    } catch (error) {
      if (isUnanswered(error)) return false;
      this.unsynced.putBack(unsynced);
      return false;
    }
  }
}
