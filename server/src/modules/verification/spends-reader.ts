import type { Clock } from '../../core/clock.js';
import type { LimitRules } from '../limits/limit-rules.js';
import type { PastSpends } from '../limits/rate-limiter.js';
import type { LimitedKey } from './spent-limits.postgres.js';

/** A verification waits no longer for the database, which it does where nobody else knows what a key has spent. */
const ANSWER_WITHIN_MS = 250;
/** After a failure nobody waits for so long. */
const PAUSE_MS = 1000;
/** Keys that are asked for at once. */
const MAX_KEYS_PER_QUERY = 200;
/** How long an answer is good for those who gave up waiting for it and ask again. */
const GOOD_FOR_MS = 2000;

const NOTHING: PastSpends = { windows: [], quotas: [] };

/** What the keys have spent; a key that has spent nothing may be missing. */
export type ReadKeys = (keys: readonly LimitedKey[]) => Promise<ReadonlyMap<string, PastSpends>>;

interface Asked extends LimitedKey {
  readonly answer: Promise<PastSpends>;
  readonly resolve: (spends: PastSpends) => void;
  readonly reject: (error: unknown) => void;
  /** Whether somebody gave up waiting. */
  late: boolean;
}

/** Asks for what keys have spent: many at once, each once until it is answered, one query after another. */
export class SpendsReader {
  private readonly asked = new Map<string, Asked>();
  private waiting: Asked[] = [];
  private reading = false;
  private failedAtMs = -Infinity;

  /** @param clock Monotonic. */
  constructor(
    private readonly read: ReadKeys,
    private readonly clock: Clock,
  ) {}

  /** What a key has spent. Error: when the database does not say so soon. */
  of(id: string, rules: LimitRules): Promise<PastSpends> {
    const known = this.asked.get(id);
    if (known?.rules === rules) return withinTime(known);
    if (this.clock.now() - this.failedAtMs < PAUSE_MS) {
      return Promise.reject(new Error('What was spent cannot be read.'));
    }
    let settle: Pick<Asked, 'resolve' | 'reject'>;
    const answer = new Promise<PastSpends>((resolve, reject) => (settle = { resolve, reject }));
    answer.catch(() => undefined);
    const asked: Asked = { id, rules, answer, ...settle!, late: false };
    this.asked.set(id, asked);
    this.waiting.push(asked);
    if (!this.reading) void this.readAll();
    return withinTime(asked);
  }

  private async readAll(): Promise<void> {
    this.reading = true;
    // Those that are asked for in the same turn go together.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.readSome(this.nextOnes());
    this.reading = false;
  }

  /** A key that is asked for by different rules, as when they were just changed, is not asked for twice at once. */
  private nextOnes(): Asked[] {
    const next = new Map<string, Asked>();
    const later: Asked[] = [];
    for (const each of this.waiting) {
      if (next.size < MAX_KEYS_PER_QUERY && !next.has(each.id)) next.set(each.id, each);
      else later.push(each);
    }
    this.waiting = later;
    return [...next.values()];
  }

  private async readSome(asked: readonly Asked[]): Promise<void> {
    try {
      const spends = await this.read(asked);
      for (const { id, resolve } of asked) resolve(spends.get(id) ?? NOTHING);
      this.forget(asked.filter(({ late }) => !late));
      setTimeout(() => this.forget(asked), GOOD_FOR_MS).unref();
    } catch (error) {
      this.failedAtMs = this.clock.now();
      for (const { reject } of asked) reject(error);
      this.forget(asked);
    }
  }

  private forget(asked: readonly Asked[]): void {
    for (const each of asked) if (this.asked.get(each.id) === each) this.asked.delete(each.id);
  }
}

async function withinTime(asked: Asked): Promise<PastSpends> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      asked.late = true;
      reject(new Error('What was spent is not answered.'));
    }, ANSWER_WITHIN_MS);
  });
  return Promise.race([asked.answer, late]).finally(() => clearTimeout(timer));
}
