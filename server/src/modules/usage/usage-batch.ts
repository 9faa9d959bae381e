import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Environment } from '../keys/token.js';
import type { RequestLog } from '../request-logs/request-log.js';
import { countOf, type JournalEvent, type Reported } from './journal/event-codec.js';

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
  /** What was counted elsewhere, by the id of its batch; it is in none of the others until it is known to be new. */
  readonly reported = new Map<string, readonly JournalEvent[]>();
  /** Everything that is counted in it, and uses that are not. */
  events = 0;
  /** Verifications in it. */
  verifications = 0;
  /** Where the sending of a batch that is being read goes; one that is known goes nowhere. */
  private sending: JournalEvent[] = [];

  constructor(private readonly maxCounters: number = MAX_COUNTERS) {}

  /** Takes an event in. */
  add(event: JournalEvent): void {
    if (event.reported) this.hold(event, event.reported);
    else this.take(event);
  }

  /** All of it, and of what was counted elsewhere the batches with these ids; this one stays as it is. */
  withReported(batchIds: readonly string[]): UsageBatch {
    const all = new UsageBatch(this.maxCounters);
    for (const [name, count] of this.counts) all.counts.set(name, { ...count });
    for (const [id, use] of this.lastUses) all.lastUses.set(id, { ...use });
    for (const [startMs, count] of this.leftOut) all.leftOut.set(startMs, count);
    for (const row of this.rows) all.rows.push(row);
    all.events = this.events;
    all.verifications = this.verifications;
    for (const id of batchIds) for (const event of this.reported.get(id) ?? []) all.take(event);
    return all;
  }

  private hold(event: JournalEvent, { batchId, first }: Reported): void {
    if (first) {
      this.sending = [];
      if (!this.reported.has(batchId)) this.reported.set(batchId, this.sending);
    }
    this.sending.push(event);
  }

  private take(event: JournalEvent): void {
    const count = countOf(event);
    this.events += Math.max(1, count);
    if (event.apiKeyId !== '') this.touch(event.apiKeyId, event.atMs, event.usedPreviousSecret);
    // A use that is not counted may be charged all the same.
    if (count > 0 || event.units !== 0) this.count(event, count);
    // Calls to Keywright itself have no rows: those they ask about have.
    if (event.touch) return;
    this.verifications += count;
    if (event.row) this.rows.push(rowOf(event, event.row));
    else {
      const startMs = Math.floor(event.atMs / MINUTE_MS) * MINUTE_MS;
      this.leftOut.set(startMs, (this.leftOut.get(startMs) ?? 0) + count);
    }
  }

  private touch(apiKeyId: string, atMs: number, previousSecret: boolean): void {
    const use = this.lastUses.get(apiKeyId) ?? { atMs, previousAtMs: null };
    use.atMs = Math.max(use.atMs, atMs);
    if (previousSecret) use.previousAtMs = Math.max(use.previousAtMs ?? 0, atMs);
    this.lastUses.set(apiKeyId, use);
  }

  private count(event: JournalEvent, count: number): void {
    const { apiKeyId, atMs, environment, code, units } = event;
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
