import { eventBytes, type JournalEvent } from './journal/event-codec.js';
import { MAX_BATCH_BYTES, type JournalEntry, type JournalWriter } from './journal/journal-writer.js';
import { rowText } from './row-text.js';
import type { RowBudget } from './row-budget.js';
import type { CountedCaller, ReportedUse, VerificationNote, VerificationRecorder } from './usage-event.js';

/** What uses of keys at Keywright itself have in common. */
const OWN_CALL = {
  touch: true,
  environment: 'PRODUCTION',
  code: 'VALID',
  usedPreviousSecret: false,
} as const;

export interface JournalRecorderDeps {
  readonly journal: Pick<JournalWriter, 'append' | 'appendTogether' | 'appendUse' | 'whenSafe'>;
  readonly budget: RowBudget;
  /** Whether the journal still takes rows for the request log, or only counts. */
  readonly hasRoomForRows: () => boolean;
}

/** Records verifications in the journal. Rows for the request log are only built if they will be kept. */
export class JournalRecorder implements VerificationRecorder {
  /** Verifications without a row in the request log since the process started. */
  leftOut = 0;

  constructor(private readonly deps: JournalRecorderDeps) {}

  record(note: VerificationNote): void {
    const { journal, budget, hasRoomForRows } = this.deps;
    const { atMs, apiKeyId, environment, code, usedPreviousSecret, units } = note;
    const logged = budget.admit(code !== 'VALID', note.sampled) && hasRoomForRows();
    if (!logged) this.leftOut++;
    journal.append(
      { atMs, apiKeyId, touch: false, environment, code, usedPreviousSecret, units },
      logged ? rowText(note.row()) : null,
    );
  }

  use(caller: CountedCaller, atMs: number, usedPreviousSecret: boolean, units: number): void {
    if (units === 0 && !usedPreviousSecret) return this.deps.journal.appendUse(caller, atMs);
    const event = { ...OWN_CALL, atMs, apiKeyId: caller.id, uses: 1, usedPreviousSecret, units };
    this.deps.journal.append(event, null);
  }

  touch(apiKeyId: string, atMs: number, units: number): void {
    this.deps.journal.append({ ...OWN_CALL, atMs, apiKeyId, units }, null);
  }

  report(batchId: string, uses: readonly ReportedUse[]): void {
    const { journal, budget, hasRoomForRows } = this.deps;
    const entries: JournalEntry[] = [];
    const eventOf = (use: ReportedUse, atMs: number, count: number): Omit<JournalEvent, 'row'> => ({
      atMs,
      apiKeyId: use.apiKeyId,
      touch: false,
      environment: use.environment,
      code: use.code,
      usedPreviousSecret: use.usedPreviousSecret,
      units: 0,
      reported: { batchId, first: entries.length === 0, count },
    });
    // Counts first: rows use the room that is left.
    let bytes = uses.reduce((sum, use) => sum + eventBytes(eventOf(use, use.atMs, use.count), null), 0);
    for (const use of uses) {
      let rest = use.count;
      for (const { atMs, row } of use.rows) {
        if (!budget.admit(use.code !== 'VALID', use.sampled) || !hasRoomForRows()) continue;
        const text = rowText(row);
        const event = eventOf(use, atMs, 1);
        bytes += eventBytes(event, text);
        if (bytes > MAX_BATCH_BYTES) break;
        entries.push({ event, rowText: text });
        rest--;
      }
      this.leftOut += rest;
      if (rest > 0) entries.push({ event: eventOf(use, use.atMs, rest), rowText: null });
    }
    journal.appendTogether(entries);
  }

  whenSafe(callback: () => void): void {
    this.deps.journal.whenSafe(callback);
  }
}
