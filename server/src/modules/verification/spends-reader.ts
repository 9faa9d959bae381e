import type { Clock } from '../../core/clock.js';
import type { LimitRules } from '../limits/limit-rules.js';
import type { PastSpend } from '../limits/rate-limiter.js';
import type { LimitedKey } from './spent-limits.postgres.js';

/** A verification waits no longer for the database, which it does where nobody else knows what a key has spent. */
const ANSWER_WITHIN_MS = 500;
/** After a failure nobody waits for so long. */
const PAUSE_MS = 1000;

/** What the keys have spent; a key that has spent nothing may be missing. */
export type ReadKeys = (keys: readonly LimitedKey[]) => Promise<ReadonlyMap<string, readonly PastSpend[]>>;

/** Asks for what keys have spent: those that are asked for while an answer is under way are asked for together, each once. */
export class SpendsReader {
  private waiting = new Map<string, LimitedKey>();
  private next: Promise<ReadonlyMap<string, readonly PastSpend[]>> | null = null;
  private running: Promise<unknown> = Promise.resolve();
  private failedAtMs = -Infinity;

  /** @param clock Monotonic. */
  constructor(
    private readonly read: ReadKeys,
    private readonly clock: Clock,
  ) {}

  /** What a key has spent, oldest first. Error: when the database does not say so soon. */
  async of(id: string, rules: LimitRules): Promise<readonly PastSpend[]> {
    if (this.clock.now() - this.failedAtMs < PAUSE_MS) throw new Error('What was spent cannot be read.');
    this.waiting.set(id, { id, rules });
    this.next ??= this.running.then(() => this.readWaiting());
    return (await this.withinTime(this.next)).get(id) ?? [];
  }

  private readWaiting(): Promise<ReadonlyMap<string, readonly PastSpend[]>> {
    const keys = [...this.waiting.values()];
    this.waiting = new Map();
    this.next = null;
    const reading = this.read(keys);
    this.running = reading.catch(() => (this.failedAtMs = this.clock.now()));
    return reading;
  }

  private async withinTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.failedAtMs = this.clock.now();
        reject(new Error('What was spent is not answered.'));
      }, ANSWER_WITHIN_MS);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }
}
