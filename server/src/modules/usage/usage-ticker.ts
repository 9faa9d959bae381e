import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Clock } from '../../core/clock.js';
import type { Environment } from '../keys/token.js';
import type { UsageBatch } from './usage-batch.js';

/** What one key did since its previous tick. */
export interface UsageTick {
  readonly at: Date;
  readonly apiKeyId: string;
  readonly environment: Environment;
  readonly lastUsedAt: Date;
  readonly byCode: ReadonlyMap<VerdictCode, number>;
}

/** Topic of the ticks: arrays of {@link UsageTick}. */
export const USAGE_TOPIC = 'usage';

const EVERY_MS = 1000;

interface Waiting {
  environment: Environment;
  lastUsedAtMs: number;
  byCode: Map<VerdictCode, number>;
}

/** Gathers what was counted into ticks: at most one a second for each key. */
export class UsageTicker {
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
      const known = this.waiting.get(apiKeyId);
      const entry = known ?? { environment, lastUsedAtMs: 0, byCode: new Map<VerdictCode, number>() };
      entry.byCode.set(code, (entry.byCode.get(code) ?? 0) + count);
      entry.lastUsedAtMs = Math.max(entry.lastUsedAtMs, batch.lastUses.get(apiKeyId)?.atMs ?? 0);
      if (!known) this.waiting.set(apiKeyId, entry);
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
    for (const [id, atMs] of this.sentAtMs) if (nowMs - atMs >= EVERY_MS) this.sentAtMs.delete(id);
    const ticks: UsageTick[] = [];
    for (const [apiKeyId, { environment, lastUsedAtMs, byCode }] of this.waiting) {
      if (this.sentAtMs.has(apiKeyId)) continue;
      ticks.push({ at: new Date(nowMs), apiKeyId, environment, lastUsedAt: new Date(lastUsedAtMs), byCode });
      this.waiting.delete(apiKeyId);
      this.sentAtMs.set(apiKeyId, nowMs);
    }
    if (ticks.length > 0) this.publish(ticks);
    if (this.waiting.size > 0) {
      this.timer = setTimeout(() => this.send(), EVERY_MS);
      this.timer.unref();
    }
  }
}
