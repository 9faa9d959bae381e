import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Environment } from '../keys/token.js';
import type { RequestLog } from '../request-logs/request-log.js';
import type { UsageEvent } from './usage-event.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Verifications of one key, minute, environment and outcome. An empty `apiKeyId`: no key was proven. */
export interface UsageCount {
  readonly apiKeyId: string;
  readonly startMs: number;
  readonly environment: Environment;
  readonly code: VerdictCode;
  count: number;
}

/** When a key was last used. */
export interface LastUse {
  atMs: number;
  /** By its previous secret; null when it was not. */
  previousAtMs: number | null;
}

/** How much a batch may hold. */
export interface BatchCaps {
  /** Rows for the log; what comes on top is left out of the log, and counted. */
  readonly rows: number;
  /** Counters by the minute; beyond, further ones are kept by the hour. */
  readonly counters: number;
}

/** What happened since the last batch, ready to be written in one transaction. */
export class UsageBatch {
  readonly counts = new Map<string, UsageCount>();
  readonly lastUses = new Map<string, LastUse>();
  readonly rows: RequestLog[] = [];
  /** Rows that did not fit. */
  droppedRows = 0;

  constructor(private readonly caps: BatchCaps) {}

  /** Whether nothing happened. */
  get empty(): boolean {
    return this.counts.size === 0 && this.lastUses.size === 0;
  }

  /** Counts the event, and keeps its row while there is room. */
  add(event: UsageEvent): void {
    this.count(event);
    if (event.apiKeyId !== null) this.touch(event.apiKeyId, event.at.getTime(), event.usedPreviousSecret);
    if (this.rows.length < this.caps.rows) this.rows.push(event);
    else this.droppedRows++;
  }

  /** Notes that a key was used. */
  touch(apiKeyId: string, atMs: number, previousSecret = false): void {
    const use = this.lastUses.get(apiKeyId) ?? { atMs, previousAtMs: null };
    use.atMs = Math.max(use.atMs, atMs);
    if (previousSecret) use.previousAtMs = Math.max(use.previousAtMs ?? 0, atMs);
    this.lastUses.set(apiKeyId, use);
  }

  private count(event: UsageEvent): void {
    const { environment, code } = event;
    const apiKeyId = event.apiKeyId ?? '';
    const grain = this.counts.size < this.caps.counters ? MINUTE_MS : HOUR_MS;
    const startMs = Math.floor(event.at.getTime() / grain) * grain;
    const name = `${apiKeyId} ${startMs} ${environment} ${code}`;
    const known = this.counts.get(name);
    if (known) known.count++;
    else this.counts.set(name, { apiKeyId, startMs, environment, code, count: 1 });
  }
}
