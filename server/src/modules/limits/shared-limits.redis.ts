import type { Clock } from '../../core/clock.js';
import { ScriptGuard, type Guarded, type RedisScripts } from '../../core/redis-scripts.js';
import { periodAt } from './calendar-quota.js';
import {
  RESTORED_WINDOW_SECONDS,
  survivesRestart,
  type LimitRules,
  type QuotaPeriod,
} from './limit-rules.js';
import { BEGIN, GIVE_BACK, TAKE } from './limit-script.js';
import { quotaState, retrySeconds, windowState } from './limit-state.js';
import type { SpentBefore } from './past-spends.js';
import type { Lease, LimitDecision } from './rate-limiter.js';

/** Time limit for a decision, in milliseconds; one more reply of Redis or the database can follow. */
const DECIDES_WITHIN_MS = 500;
/** Maximum number of reads of earlier spends per decision: another process can start a new era in the meantime. */
const MAX_READS = 2;

/** Reads earlier spends from the database. Rejects if that takes too long. */
export type ReadSpent = (subject: string, rules: LimitRules) => Promise<SpentBefore>;

/** Rules in the format of the scripts, valid until the day ends. */
interface WrittenRules {
  readonly text: string;
  /** Lengths of the windows in milliseconds, without duplicates. */
  readonly lengthsMs: readonly number[];
  readonly periods: readonly QuotaPeriod[];
  readonly untilMs: number;
}

/** The boundaries of the period around a moment and of its neighbors: clocks differ. */
function edgesAround(period: QuotaPeriod, nowMs: number): readonly number[] {
  const { startMs, endMs } = periodAt(period, nowMs);
  return [periodAt(period, startMs - 1).startMs, startMs, endMs, periodAt(period, endMs).endMs];
}

function writeRules(rules: LimitRules, nowMs: number): WrittenRules {
  const lengthsMs = [...new Set(rules.windows.map(({ windowSeconds }) => windowSeconds * 1000))];
  // Windows of the same length share one count; the lowest of their limits rejects first.
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
    periods: rules.quotas.map(({ period }) => period),
    untilMs: periodAt('DAY', nowMs).endMs,
  };
}

/** The result of TAKE. */
interface Taken {
  readonly units: number;
  readonly ttlMs: number;
  readonly lastMs: number;
  readonly era: string;
  readonly decision: LimitDecision;
}

const REFUSALS = [null, 'WINDOW', 'QUOTA'] as const;
const WINDOW_NUMBERS = 2;
const QUOTA_NUMBERS = 3;

function readTaken(
  rules: LimitRules,
  { lengthsMs }: WrittenRules,
  answer: readonly (number | string)[],
): Taken {
  const [refusal, waitMs, units, ttlMs, lastMs, ...rest] = answer as [number, number, number, number, number];
  const numbers = rest as readonly number[];
  const era = answer.at(-1) as string;
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
    era,
    decision: {
      allowed: refusedBy === null,
      limits: [...windows, ...quotas],
      retryAfterSeconds: refusedBy === null || waitMs < 0 ? null : retrySeconds(waitMs),
      refusedBy,
    },
  };
}

export interface RedisLimitsDeps {
  readonly redis: RedisScripts;
  /** Changes when the database is replaced by a copy. */
  readonly installationId: string;
  readonly readSpent: ReadSpent;
  /** Near UTC; determines which calendar periods can be current. */
  readonly clock: Clock;
  /** Replaces the clock of Redis for counting. */
  readonly countsBy?: Clock;
}

/** A request for units, or for a lease of up to `wanted` units; null: no lease. */
interface Asked {
  readonly needed: number;
  readonly wanted: number | null;
  /** An additional condition. */
  readonly once?: Guarded;
}

/**
 * The limits of all processes of an installation, counted in Redis: all windows and quotas of a subject or none,
 * atomically, by the same rules as in memory. Usage of quotas and windows of an hour or more that Redis may have lost
 * is restored from the database before it is relied on. Every promise rejects if Redis cannot answer.
 */
export class RedisLimits {
  private readonly written = new WeakMap<LimitRules, WrittenRules>();

  constructor(private readonly deps: RedisLimitsDeps) {}

  /** Consumes `cost` units from every window and quota, or from none. */
  async consume(subject: string, rules: LimitRules, cost: number): Promise<LimitDecision> {
    return this.decided(await this.take(subject, rules, { needed: cost, wanted: null })).decision;
  }

  /**
   * Like {@link consume}, but under a condition that is checked atomically; returns the reason if the condition fails.
   */
  async consumeOnce(
    subject: string,
    rules: LimitRules,
    cost: number,
    once: Guarded,
  ): Promise<LimitDecision | string> {
    const taken = await this.take(subject, rules, { needed: cost, wanted: null, once });
    return typeof taken === 'string' ? taken : taken.decision;
  }

  /** Leases units, like the in-memory limiter. */
  async lease(subject: string, rules: LimitRules, wanted: number, needed: number): Promise<Lease> {
    const taken = this.decided(await this.take(subject, rules, { needed, wanted }));
    const { units, ttlMs, decision } = taken;
    const { limits, retryAfterSeconds, refusedBy } = decision;
    const returnUnits = (unused: number): void => {
      if (unused === 0) return;
      // Units whose return is lost count as used.
      this.returnUnits(subject, rules, unused, taken).catch(() => undefined);
    };
    return { units, ttlMs, limits, retryAfterSeconds, refusedBy, returnUnits };
  }

  /**
   * Adds usage that was not counted here: the units of each window, in the order of the rules. Lasting usage is
   * restored from the database before it is relied on again.
   */
  async add(subject: string, rules: LimitRules, windowUnits: readonly number[]): Promise<void> {
    const written = this.writtenOf(rules);
    const units = written.lengthsMs.map((ms) => {
      const i = rules.windows.findIndex(({ windowSeconds }) => windowSeconds * 1000 === ms);
      return rules.windows[i]!.windowSeconds < RESTORED_WINDOW_SECONDS ? windowUnits[i]! : 0;
    });
    const report = (): Promise<unknown> =>
      this.ask(subject, written, { needed: 0, wanted: null }, JSON.stringify(units), '');
    if ((await report()) !== 'BEGIN') return;
    await this.begin();
    await report();
  }

  /** Call this on each new connection: Redis may have lost its data. */
  async begin(): Promise<void> {
    await this.deps.redis.run(BEGIN, [this.eraKey], []);
  }

  private decided(taken: Taken | string): Taken {
    if (typeof taken === 'string') throw new Error(`Redis rejected a step without a condition: ${taken}`);
    return taken;
  }

  /** The units taken, or the reason why the condition failed. */
  private async take(subject: string, rules: LimitRules, asked: Asked): Promise<Taken | string> {
    const written = this.writtenOf(rules);
    const giveUpAtMs = performance.now() + DECIDES_WITHIN_MS;
    const again = (): void => {
      if (performance.now() > giveUpAtMs) throw new Error('Redis did not answer in time about the limits.');
    };
    let answer = await this.ask(subject, written, asked, '', '');
    if (answer === 'BEGIN') {
      again();
      await this.begin();
      answer = await this.ask(subject, written, asked, '', '');
    }
    for (let reads = 0; isRestore(answer) && reads < MAX_READS; reads++) {
      again();
      const spent = await this.deps.readSpent(subject, rules);
      again();
      answer = await this.ask(subject, written, asked, writeSpent(spent, written), answer[1]);
    }
    const refusal = ScriptGuard.refusal(answer);
    if (refusal !== null) return refusal;
    if (answer === 'CLOCK') {
      throw new Error('The clock of Redis differs from that of this process by more than a day.');
    }
    if (!Array.isArray(answer) || isRestore(answer)) {
      throw new Error(`Redis returned unexpected limits: ${String(answer)}`);
    }
    return readTaken(rules, written, answer as (number | string)[]);
  }

  private ask(
    subject: string,
    { text, lengthsMs }: WrittenRules,
    { needed, wanted, once }: Asked,
    past: string,
    pastIn: string,
  ): Promise<unknown> {
    const hash = this.hashKey(subject);
    const keys = [hash, this.eraKey, ...listKeys(hash, lengthsMs)];
    const counted = String(this.deps.countsBy?.now() ?? '');
    const args = [text, String(needed), String(wanted ?? ''), past, pastIn, counted];
    if (!once) return this.deps.redis.run(TAKE, keys, args);
    return this.deps.redis.run(once.guard.around(TAKE), [...once.keys, ...keys], [...once.args, ...args]);
  }

  private async returnUnits(
    subject: string,
    rules: LimitRules,
    units: number,
    { lastMs, era }: Taken,
  ): Promise<void> {
    const { text, lengthsMs } = this.writtenOf(rules);
    const hash = this.hashKey(subject);
    const args = [text, String(units), String(lastMs), era];
    await this.deps.redis.run(GIVE_BACK, [hash, ...listKeys(hash, lengthsMs)], args);
  }

  private writtenOf(rules: LimitRules): WrittenRules {
    const nowMs = this.deps.clock.now();
    const known = this.written.get(rules);
    if (known && nowMs < known.untilMs) return known;
    const written = writeRules(rules, nowMs);
    this.written.set(rules, written);
    return written;
  }

  private hashKey(subject: string): string {
    return `kw:limit:${this.deps.installationId}:${subject}`;
  }

  private get eraKey(): string {
    return `kw:limits-era:${this.deps.installationId}`;
  }
}

const listKeys = (hash: string, lengthsMs: readonly number[]): string[] =>
  lengthsMs.map((ms) => `${hash}:${ms}`);

const writeSpent = ({ windows, quotas }: SpentBefore, { lengthsMs, periods }: WrittenRules): string =>
  JSON.stringify({
    windows: lengthsMs.map((ms) => windows.get(ms) ?? []),
    quotas: periods.map((period) => quotas.get(period)),
  });

/** Whether the script first needs the earlier spends; the second element is the era. */
const isRestore = (answer: unknown): answer is ['RESTORE', string] =>
  Array.isArray(answer) && answer[0] === 'RESTORE';
