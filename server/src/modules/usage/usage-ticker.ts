import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Clock } from '../../core/clock.js';
import type { Environment } from '../keys/token.js';
import type { UsageBatch } from './usage-batch.js';

/** What one key did in one environment since its previous tick there. */
export interface UsageTick {
  readonly at: Date;
  readonly apiKeyId: string;
  readonly environment: Environment;
  readonly lastUsedAt: Date;
  readonly byCode: ReadonlyMap<VerdictCode, number>;
}

/** Topic of the ticks: arrays of {@link UsageTick}, each with where its key lies. */
export const USAGE_TOPIC = 'usage';

const EVERY_MS = 1000;

interface Waiting {
  readonly apiKeyId: string;
  readonly environment: Environment;
  lastUsedAtMs: number;
  byCode: Map<VerdictCode, number>;
}

/** Gathers what was counted into ticks: at most one a second for each key and environment that it was used in. */
export class UsageTicker {
  /** By key and environment, as {@link sentAtMs} is. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly sentAtMs = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly publish: (ticks: readonly UsageTick[]) => void,
  ) {}

  /** Takes in what a batch counted of proven keys, and publishes what is due. */
  add(batch: UsageBatch): void {
    for (const { apiKeyId, environment, code, count } of batch.counts.values()) {
      if (apiKeyId === '') continue;
      const name = `${apiKeyId} ${environment}`;
      const known = this.waiting.get(name);
      const entry = known ?? {
        apiKeyId,
        environment,
        lastUsedAtMs: 0,
        byCode: new Map<VerdictCode, number>(),
      };
      entry.byCode.set(code, (entry.byCode.get(code) ?? 0) + count);
      entry.lastUsedAtMs = Math.max(entry.lastUsedAtMs, batch.lastUses.get(apiKeyId)?.atMs ?? 0);
      if (!known) this.waiting.set(name, entry);
    }
    this.send();
  }

  /** Stops; what was not yet published is dropped. */
  close(): void {
    clearTimeout(this.timer);
  }

  private send(): void {
    clearTimeout(this.timer);
    const nowMs = this.clock.now();
    for (const [name, atMs] of this.sentAtMs) if (nowMs - atMs >= EVERY_MS) this.sentAtMs.delete(name);
    const ticks: UsageTick[] = [];
    for (const [name, { lastUsedAtMs, ...tick }] of this.waiting) {
      if (this.sentAtMs.has(name)) continue;
      ticks.push({ at: new Date(nowMs), lastUsedAt: new Date(lastUsedAtMs), ...tick });
      this.waiting.delete(name);
      this.sentAtMs.set(name, nowMs);
    }
    if (ticks.length > 0) this.publish(ticks);
    if (this.waiting.size > 0) {
      this.timer = setTimeout(() => this.send(), EVERY_MS);
      this.timer.unref();
    }
  }
}
