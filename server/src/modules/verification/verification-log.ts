import type { Clock } from '../../core/clock.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { RowDetails, VerificationRecorder } from '../usage/usage-event.js';
import type { Verdict, VerificationRequest } from './verdict.js';
import type { VerificationTally } from './verification-tally.js';

/** The verified request, for the log. */
export interface RequestFacts {
  /** Id of the log row; generated if absent. */
  readonly requestId?: string;
  readonly method: string | null;
  /** Path and query. */
  readonly path: string | null;
  readonly userAgent: string | null;
}

export interface VerificationLogDeps {
  readonly recorder: VerificationRecorder;
  readonly tally: VerificationTally;
  readonly clock: Clock;
}

/** Counts and logs verdicts. */
export class VerificationLog {
  constructor(private readonly deps: VerificationLogDeps) {}

  /** Counts and logs a verdict that took this many microseconds; null if that is not known. */
  record(
    request: VerificationRequest,
    verdict: Verdict,
    facts: RequestFacts,
    microseconds: number | null,
  ): void {
    const { key, code, usedPreviousSecret, units } = verdict;
    this.deps.tally.count(code, microseconds ?? 0);
    // The installation does not count requests without a key that reach a customer's own gateways.
    if (key === null && request.caller !== null && !request.caller.holdsEverywhere('keywright.verify'))
      return;
    const row = (): RowDetails => rowOf(request, verdict, facts, microseconds);
    this.deps.recorder.record({
      atMs: this.deps.clock.now(),
      environment: request.environment,
      code,
      apiKeyId: key?.id ?? '',
      usedPreviousSecret,
      units,
      sampled: key,
      row,
    });
  }

  /** Counts a valid call of a key to Keywright itself, which is not logged: what it asks about is. */
  recordCall({ key, usedPreviousSecret, units }: Verdict): void {
    this.deps.recorder.use(key!, this.deps.clock.now(), usedPreviousSecret, units);
  }

  /** Calls back once everything recorded so far would survive the end of the process; only then can answers be sent. */
  whenSafe(callback: () => void): void {
    this.deps.recorder.whenSafe(callback);
  }
}

const rowOf = (
  { permissions, scopeId, ip }: VerificationRequest,
  { maskedSecret, status }: Verdict,
  { method, path, userAgent, requestId: id = newId(ID_PREFIXES.request) }: RequestFacts,
  latencyMicroseconds: number | null,
): RowDetails => ({
  id,
  maskedSecret,
  status,
  method,
  path,
  permission: permissions.length > 0 ? permissions.join(' ') : null,
  scopeId,
  ip,
  userAgent,
  latencyMicroseconds,
});
