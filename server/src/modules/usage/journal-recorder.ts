import { cleanRow } from '../request-logs/request-log.js';
import type { JournalWriter } from './journal/journal-writer.js';
import type { RowBudget } from './row-budget.js';
import type { VerificationNote, VerificationRecorder } from './usage-event.js';

/** What a {@link JournalRecorder} works with. */
export interface JournalRecorderParts {
  readonly journal: Pick<JournalWriter, 'append' | 'whenSafe'>;
  readonly budget: RowBudget;
  /** Whether the journal still takes rows for the request log, or only counts. */
  readonly hasRoomForRows: () => boolean;
}

/** Keeps what happened in the journal. Rows for the request log are only made when they will be kept. */
export class JournalRecorder implements VerificationRecorder {
  /** Verifications whose row was left out of the request log since the process began. */
  leftOut = 0;

  constructor(private readonly parts: JournalRecorderParts) {}

  record(note: VerificationNote): void {
    const { journal, budget, hasRoomForRows } = this.parts;
    const { atMs, apiKeyId, environment, code, usedPreviousSecret, units } = note;
    const logged = budget.admit(code !== 'VALID', note.sampled) && hasRoomForRows();
    if (!logged) this.leftOut++;
    journal.append(
      { atMs, apiKeyId, touch: false, environment, code, usedPreviousSecret, units },
      logged ? JSON.stringify(cleanRow(note.row())) : null,
    );
  }

  touch(apiKeyId: string, atMs: number, units: number): void {
    this.parts.journal.append(
      {
        atMs,
        apiKeyId,
        touch: true,
        environment: 'PRODUCTION',
        code: 'VALID',
        usedPreviousSecret: false,
        units,
      },
      null,
    );
  }

  whenSafe(callback: () => void): void {
    this.parts.journal.whenSafe(callback);
  }
}
