import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Clock } from '../../core/clock.js';
import type { Environment } from '@keywright/schema/environment';
import type { LiveCount } from './live-usage.js';

/** Usage of one key in one environment since its previous tick there. */
export interface UsageTick {
  readonly at: Date;
  readonly apiKeyId: string;
  readonly environment: Environment;
  readonly lastUsedAt: Date;
  readonly byCode: ReadonlyMap<VerdictCode, number>;
}

/** Topic of the ticks: arrays of {@link UsageTick}, each with the scope of its key. */
export const USAGE_TOPIC = 'usage';

const EVERY_MS = 1000;

interface Waiting {
  readonly apiKeyId: string;
  readonly environment: Environment;
  lastUsedAtMs: number;
  byCode: Map<VerdictCode, number>;
}

/** Collects counts into ticks: at most one a second per key and environment. */
export class UsageTicker {
  /** By key and environment, like {@link sentAtMs}. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly sentAtMs = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly publish: (ticks: readonly UsageTick[]) => void,
  ) {}

  /** Adds counts of proven keys, and publishes ticks that are due. */
  add(counts: readonly LiveCount[]): void {
    for (const { apiKeyId, environment, lastUsedAtMs, byCode } of counts) {
      const name = `${apiKeyId} ${environment}`;
      const known = this.waiting.get(name);
      const entry = known ?? {
        apiKeyId,
        environment,
        lastUsedAtMs: 0,
        byCode: new Map<VerdictCode, number>(),
      };
      for (const [code, count] of Object.entries(byCode) as [VerdictCode, number][]) {
        entry.byCode.set(code, (entry.byCode.get(code) ?? 0) + count);
      }
      entry.lastUsedAtMs = Math.max(entry.lastUsedAtMs, lastUsedAtMs);
      if (!known) this.waiting.set(name, entry);
    }
    this.send();
  }

  /** Stops; unpublished ticks are dropped. */
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
