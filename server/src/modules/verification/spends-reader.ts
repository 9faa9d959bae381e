import type { Clock } from '../../core/clock.js';
import type { LimitRules } from '../limits/limit-rules.js';
import type { PastSpends } from '../limits/rate-limiter.js';
import type { LimitedKey } from './spent-limits.postgres.js';

/** Maximum time that a verification waits for the database, if no other process knows what a key has spent. */
const ANSWER_WITHIN_MS = 250;
/** Pause after a failure, during which nobody waits. */
const PAUSE_MS = 1000;
/** Maximum number of keys per query. */
const MAX_KEYS_PER_QUERY = 200;
/** How long an answer stays valid for callers that timed out and ask again. */
const GOOD_FOR_MS = 2000;

const NOTHING: PastSpends = { windows: [], quotas: [] };

/** What the keys have spent; a key that has spent nothing may be missing. */
export type ReadKeys = (keys: readonly LimitedKey[]) => Promise<ReadonlyMap<string, PastSpends>>;

interface Asked extends LimitedKey {
  readonly answer: Promise<PastSpends>;
  readonly resolve: (spends: PastSpends) => void;
  readonly reject: (error: unknown) => void;
  /** Whether a caller timed out. */
  late: boolean;
}

/** Reads what keys have spent: batches keys, reads each once until it is answered, and runs one query at a time. */
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

  /** What a key has spent. Error: if the database does not answer in time. */
  of(id: string, rules: LimitRules): Promise<PastSpends> {
    const known = this.asked.get(id);
    if (known?.rules === rules) return withinTime(known);
    if (this.clock.now() - this.failedAtMs < PAUSE_MS) {
      return Promise.reject(new Error('The spent units cannot be read.'));
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
    // Batches keys requested in the same turn.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.readSome(this.nextBatch());
    this.reading = false;
  }

  /** A key requested with different rules, as right after a change, is not queried twice at the same time. */
  private nextBatch(): Asked[] {
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
      reject(new Error('The spent units were not read in time.'));
    }, ANSWER_WITHIN_MS);
  });
  return Promise.race([asked.answer, late]).finally(() => clearTimeout(timer));
}
