import type { VerdictCode } from '@keywright/schema/verdicts';
import type { Environment } from '@keywright/schema/environment';
import type { RequestLog } from '../request-logs/request-log.js';
import { countOf, type JournalEvent, type Reported } from './journal/event-codec.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Maximum counters per minute in one batch; further ones are kept per hour. */
const MAX_COUNTERS = 200_000;

/** Verifications of one key, minute, environment and outcome. `apiKeyId` is empty if no key was proven. */
export interface UsageCount {
  readonly apiKeyId: string;
  readonly startMs: number;
  readonly environment: Environment;
  readonly code: VerdictCode;
  count: number;
  /** Units charged to quotas and long windows. */
  units: number;
}

/** When a key was last used. */
export interface LastUse {
  atMs: number;
  /** With its previous secret; null if never. */
  previousAtMs: number | null;
}

/** Events since the last batch, ready to be written in one transaction. */
export class UsageBatch {
  readonly counts = new Map<string, UsageCount>();
  readonly lastUses = new Map<string, LastUse>();
  readonly rows: RequestLog[] = [];
  /** Verifications without a row in the log, per minute. */
  readonly leftOut = new Map<number, number>();
  /**
   * Events counted by local verifiers, by batch id; not included in the other members until the batch is known to be
   * new.
   */
  readonly reported = new Map<string, readonly JournalEvent[]>();
  /** Number of events, including uses that do not count as verifications. */
  events = 0;
  /** Number of verifications. */
  verifications = 0;
  /** The count that each key was last added to. */
  private readonly lastCounts = new Map<string, UsageCount>();
  /** Target for the events of the reported batch being read; a known batch is discarded. */
  private sending: JournalEvent[] = [];

  constructor(private readonly maxCounters: number = MAX_COUNTERS) {}

  /** Adds an event. */
  add(event: JournalEvent): void {
    if (event.reported) this.hold(event, event.reported);
    else this.take(event);
  }

  /** This batch plus the reported batches with these ids; leaves this batch unchanged. */
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
    // A use that is not counted can still be charged.
    if (count > 0 || event.units !== 0) this.count(event, count);
    // Calls to Keywright itself have no rows: the verifications that they request have.
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
    // Nearly always the same as that of the previous event of the key, found without building its name.
    const last = this.lastCounts.get(apiKeyId);
    if (
      last?.code === code &&
      last.environment === environment &&
      atMs >= last.startMs &&
      atMs < last.startMs + MINUTE_MS
    ) {
      last.count += count;
      last.units += units;
      return;
    }
    const grain = this.counts.size < this.maxCounters ? MINUTE_MS : HOUR_MS;
    const startMs = Math.floor(atMs / grain) * grain;
    const name = `${apiKeyId} ${startMs} ${environment} ${code}`;
    let counted = this.counts.get(name);
    if (!counted) {
      counted = { apiKeyId, startMs, environment, code, count: 0, units: 0 };
      this.counts.set(name, counted);
    }
    counted.count += count;
    counted.units += units;
    this.lastCounts.set(apiKeyId, counted);
  }
}

const rowOf = (
  { atMs, apiKeyId, environment, code }: JournalEvent,
  row: NonNullable<JournalEvent['row']>,
): RequestLog => ({
  // Named one by one: a spread of a parsed object costs more than parsing it.
  id: row.id,
  at: new Date(atMs),
  environment,
  apiKeyId: apiKeyId === '' ? null : apiKeyId,
  maskedSecret: row.maskedSecret,
  code,
  status: row.status,
  method: row.method,
  path: row.path,
  permission: row.permission,
  scopeId: row.scopeId,
  ip: row.ip,
  userAgent: row.userAgent,
  latencyMicroseconds: row.latencyMicroseconds,
  responseStatus: null,
  responseMilliseconds: null,
  requestBytes: null,
  responseBytes: null,
});
