import type { LocalUsage } from '@keywright/schema/local-protocol';
import type { Clock } from '../../core/clock.js';
import type { AccessSet } from '../access/access-set.js';
import type { VerificationRecorder } from '../usage/usage-event.js';
import type { KeyIndex } from '../verification/key-index.js';
import type { VerificationTally } from '../verification/verification-tally.js';
import { reportedUses } from './reported-uses.js';

/** Batches that are known again at once; older ones are known by the database. */
const MAX_KNOWN = 10_000;

/** What {@link ReportedBatches} work with. */
export interface ReportedBatchesDeps {
  readonly index: Pick<KeyIndex, 'get'>;
  readonly recorder: Pick<VerificationRecorder, 'report'>;
  readonly tally: Pick<VerificationTally, 'countReported'>;
  readonly clock: Clock;
}

/** Takes what local verifiers decided into the journal. */
export class ReportedBatches {
  /** What came already here, so that most of what is sent again neither fills the journal nor moves the figures of this process. */
  private readonly known = new Set<string>();

  constructor(private readonly deps: ReportedBatchesDeps) {}

  /** Counts a batch unless it is known; false when it tells of what the caller may not be told of, and counts nothing. */
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
