import type { Clock } from '../../core/clock.js';
import type { RedisScripts } from '../../core/redis-scripts.js';
import { periodAt } from './calendar-quota.js';
import {
  RESTORED_WINDOW_SECONDS,
  survivesRestart,
  type LimitRules,
  type QuotaPeriod,
} from './limit-rules.js';
import { BEGIN, GIVE_BACK, TAKE } from './limit-script.js';
import { quotaState, retrySeconds, windowState } from './limit-state.js';
import type { Lease, LimitDecision, PastSpend } from './rate-limiter.js';

/** What was spent before, as the database knows it; oldest first. Error: when it cannot tell. */
export type ReadSpends = (subject: string, rules: LimitRules) => Promise<readonly PastSpend[]>;

/** Rules as the scripts take them, good until the day ends. */
interface WrittenRules {
  readonly text: string;
  /** Lengths of the windows in milliseconds, each once. */
  readonly lengthsMs: readonly number[];
  readonly untilMs: number;
}

/** The edges of the period around a moment, and of those beside it: clocks differ. */
function edgesAround(period: QuotaPeriod, nowMs: number): number[] {
  const { startMs, endMs } = periodAt(period, nowMs);
  return [periodAt(period, startMs - 1).startMs, startMs, endMs, periodAt(period, endMs).endMs];
}

function writeRules(rules: LimitRules, nowMs: number): WrittenRules {
  const lengthsMs = [...new Set(rules.windows.map(({ windowSeconds }) => windowSeconds * 1000))];
  // Windows of the same length share one count, which the lowest of their limits is the first to refuse.
  const windows = lengthsMs.map((ms) => ({
    ms,
    limit: Math.min(
      ...rules.windows.filter((each) => each.windowSeconds * 1000 === ms).map(({ limit }) => limit),
    ),
    long: ms >= RESTORED_WINDOW_SECONDS * 1000,
  }));
  const quotas = rules.quotas.map(({ period, limit }) => ({
    name: period,
    limit,
    edges: edgesAround(period, nowMs),
  }));
  return {
    text: JSON.stringify({ windows, quotas, lasts: survivesRestart(rules) }),
    lengthsMs,
    untilMs: periodAt('DAY', nowMs).endMs,
  };
}

/** What was taken, as TAKE tells it. */
interface Taken {
  readonly units: number;
  readonly ttlMs: number;
  readonly lastMs: number;
  readonly decision: LimitDecision;
}

const REFUSALS = [null, 'WINDOW', 'QUOTA'] as const;
const WINDOW_NUMBERS = 2;
const QUOTA_NUMBERS = 3;

function readTaken(rules: LimitRules, { lengthsMs }: WrittenRules, answer: readonly number[]): Taken {
  const [refusal, waitMs, units, ttlMs, lastMs, ...rest] = answer as [number, number, number, number, number];
  const numbers = rest as readonly number[];
  const windows = rules.windows.map((window) => {
    const at = WINDOW_NUMBERS * lengthsMs.indexOf(window.windowSeconds * 1000);
    return windowState(window, numbers[at]!, numbers[at + 1]!);
  });
  const quotas = rules.quotas.map((_, i) => {
    const at = WINDOW_NUMBERS * lengthsMs.length + QUOTA_NUMBERS * i;
    return quotaState(rules, i, numbers[at]!, numbers[at + 1]!, numbers[at + 2]!);
  });
  const refusedBy = REFUSALS[refusal]!;
  return {
    units,
    ttlMs,
    lastMs,
    decision: {
      allowed: refusedBy === null,
      limits: [...windows, ...quotas],
      retryAfterSeconds: refusedBy === null || waitMs < 0 ? null : retrySeconds(waitMs),
      refusedBy,
    },
  };
}

/** What a {@link RedisLimits} works with. */
export interface RedisLimitsParts {
  readonly redis: RedisScripts;
  readonly installationId: string;
  readonly readSpends: ReadSpends;
  /** Near UTC; says which calendar periods may be running. */
  readonly clock: Clock;
  /** Counts go by it instead of by the clock of Redis. */
  readonly countsBy?: Clock;
}

/**
 * The limits of all processes of an installation, counted in Redis: all windows and quotas of a subject or none of them, in one step,
 * by the same rules as in memory. What Redis may have lost of quotas and of windows of an hour and more is restored from the
 * database before it is counted on. Every method rejects when Redis cannot say.
 */
export class RedisLimits {
  private readonly written = new WeakMap<LimitRules, WrittenRules>();

  constructor(private readonly parts: RedisLimitsParts) {}

  /** Takes `cost` units from every window and quota, or from none. */
  async consume(subject: string, rules: LimitRules, cost: number): Promise<LimitDecision> {
    return (await this.take(subject, rules, cost, null)).decision;
  }

  /** Takes units in advance, as a limiter in memory does. */
  async lease(subject: string, rules: LimitRules, wanted: number, needed: number): Promise<Lease> {
    const { units, ttlMs, lastMs, decision } = await this.take(subject, rules, needed, wanted);
    const { limits, retryAfterSeconds, refusedBy } = decision;
    const giveBack = (unused: number): void => {
      // What does not arrive counts as used.
      this.giveBack(subject, rules, unused, lastMs).catch(() => undefined);
    };
    return { units, ttlMs, limits, retryAfterSeconds, refusedBy, giveBack };
  }

  /** To be called with each connection; with `anew`, everything that lasts is restored before it is counted on. */
  async begin(anew = false): Promise<void> {
    await this.parts.redis.run(BEGIN, [this.eraKey], [anew ? '1' : '']);
  }

  private async take(
    subject: string,
    rules: LimitRules,
    needed: number,
    wanted: number | null,
  ): Promise<Taken> {
    const { redis, readSpends, countsBy } = this.parts;
    const written = this.writtenOf(rules);
    const hash = this.hashKey(subject);
    const keys = [hash, this.eraKey, ...this.listKeys(hash, written)];
    const ask = (past: string): Promise<unknown> =>
      redis.run(TAKE, keys, [
        written.text,
        String(needed),
        String(wanted ?? ''),
        past,
        String(countsBy?.now() ?? ''),
      ]);
    let answer = await ask('');
    if (answer === 'BEGIN') {
      await this.begin();
      answer = await ask('');
    }
    if (answer === 'RESTORE') {
      const spends = await readSpends(subject, rules);
      answer = await ask(JSON.stringify(spends.map(({ untilMs, units }) => [untilMs, units])));
    }
    if (!Array.isArray(answer)) throw new Error(`Redis cannot say how limits stand: ${String(answer)}`);
    return readTaken(rules, written, answer as number[]);
  }

  private async giveBack(subject: string, rules: LimitRules, units: number, lastMs: number): Promise<void> {
    const written = this.writtenOf(rules);
    const hash = this.hashKey(subject);
    const args = [written.text, String(units), String(lastMs)];
    await this.parts.redis.run(GIVE_BACK, [hash, ...this.listKeys(hash, written)], args);
  }

  private writtenOf(rules: LimitRules): WrittenRules {
    const nowMs = this.parts.clock.now();
    const known = this.written.get(rules);
    if (known && nowMs < known.untilMs) return known;
    const written = writeRules(rules, nowMs);
    this.written.set(rules, written);
    return written;
  }

  private hashKey(subject: string): string {
    return `kw:limit:${this.parts.installationId}:${subject}`;
  }

  private listKeys(hash: string, { lengthsMs }: WrittenRules): string[] {
    return lengthsMs.map((ms) => `${hash}:${ms}`);
  }

  private get eraKey(): string {
    return `kw:limits-era:${this.parts.installationId}`;
  }
}
