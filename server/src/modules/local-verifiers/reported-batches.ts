import type { LocalUsage } from '@keywright/schema/local-protocol';
import type { Clock } from '../../core/clock.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { VerificationRecorder } from '../usage/usage-event.js';
import type { KeyIndex } from '../replica/key-index.js';
import type { VerificationTally } from '../verification/verification-tally.js';
import { reportedUses } from './reported-uses.js';

/** Number of batches recognized from memory; the database recognizes older ones. */
const MAX_KNOWN = 10_000;

export interface ReportedBatchesDeps {
  readonly index: Pick<KeyIndex, 'get'>;
  readonly recorder: Pick<VerificationRecorder, 'report'>;
  readonly tally: Pick<VerificationTally, 'countReported'>;
  readonly clock: Clock;
}

/** Records the decisions of local verifiers in the journal. */
export class ReportedBatches {
  /**
   * Batches already received here, so that most repetitions neither fill the journal nor change the figures of this
   * process.
   */
  private readonly known = new Set<string>();

  constructor(private readonly deps: ReportedBatchesDeps) {}

  /**
   * Counts a batch unless it is known; false, without counting anything, if it contains a key that the caller may not
   * see.
   */
  take({ batchId, counts }: LocalUsage, caller: AccessSet): boolean {
    const { index, recorder, tally, clock } = this.deps;
    if (this.known.has(batchId)) return true;
    const uses = reportedUses(counts, caller, index, clock.now());
    if (!uses) return false;
    recorder.report(batchId, uses);
    for (const { code, count } of uses) tally.countReported(code, count);
    this.known.add(batchId);
    if (this.known.size > MAX_KNOWN) this.known.delete(this.known.values().next().value!);
    return true;
  }
}
