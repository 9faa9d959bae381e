import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Environment } from '../keys/token.js';
import type { RequestLog } from '../request-logs/request-log.js';
import type { JournalEvent } from './journal/event-codec.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Counters by the minute in one batch; beyond, further ones are kept by the hour. */
const MAX_COUNTERS = 200_000;

/** Verifications of one key, minute, environment and outcome. An empty `apiKeyId`: no key was proven. */
export interface UsageCount {
  readonly apiKeyId: string;
  readonly startMs: number;
  readonly environment: Environment;
  readonly code: VerdictCode;
  count: number;
  /** What quotas and long windows were charged. */
  units: number;
}

/** When a key was last used. */
export interface LastUse {
  atMs: number;
  /** By its previous secret; null when it was not. */
  previousAtMs: number | null;
}

/** What happened since the last batch, ready to be written in one transaction. */
export class UsageBatch {
  readonly counts = new Map<string, UsageCount>();
  readonly lastUses = new Map<string, LastUse>();
  readonly rows: RequestLog[] = [];
  /** Verifications without a row in the log, by the minute. */
  readonly leftOut = new Map<number, number>();
  /** Events in it. */
  events = 0;

  constructor(private readonly maxCounters: number = MAX_COUNTERS) {}

  /** Takes an event in. */
  add(event: JournalEvent): void {
    this.events++;
    if (event.apiKeyId !== '') this.touch(event.apiKeyId, event.atMs, event.usedPreviousSecret);
    // A use that is not counted may be charged all the same.
    if (!event.touch || event.units > 0) this.count(event);
    if (event.touch) return;
    if (event.row) this.rows.push(rowOf(event, event.row));
    else {
      const startMs = Math.floor(event.atMs / MINUTE_MS) * MINUTE_MS;
      this.leftOut.set(startMs, (this.leftOut.get(startMs) ?? 0) + 1);
    }
  }

  private touch(apiKeyId: string, atMs: number, previousSecret: boolean): void {
    const use = this.lastUses.get(apiKeyId) ?? { atMs, previousAtMs: null };
    use.atMs = Math.max(use.atMs, atMs);
    if (previousSecret) use.previousAtMs = Math.max(use.previousAtMs ?? 0, atMs);
    this.lastUses.set(apiKeyId, use);
  }

  private count({ apiKeyId, atMs, environment, code, units, touch }: JournalEvent): void {
    const count = touch ? 0 : 1;
    const grain = this.counts.size < this.maxCounters ? MINUTE_MS : HOUR_MS;
    const startMs = Math.floor(atMs / grain) * grain;
    const name = `${apiKeyId} ${startMs} ${environment} ${code}`;
    const known = this.counts.get(name);
    if (known) {
      known.count += count;
      known.units += units;
    } else this.counts.set(name, { apiKeyId, startMs, environment, code, count, units });
  }
}

const rowOf = (
  { atMs, apiKeyId, environment, code }: JournalEvent,
  row: NonNullable<JournalEvent['row']>,
): RequestLog => ({
  ...row,
  at: new Date(atMs),
  environment,
  apiKeyId: apiKeyId === '' ? null : apiKeyId,
  code,
  responseStatus: null,
  responseMilliseconds: null,
  requestBytes: null,
  responseBytes: null,
});
