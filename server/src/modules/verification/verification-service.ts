import type { Clock } from '../../core/clock.js';
import { whenKnown, type Eventual } from '../../core/eventual.js';
import type { SentCredential } from './credential.js';
import type { Proof } from './proof.js';
import type { Verdict, VerificationRequest } from './verdict.js';
import type { RequestFacts, VerificationLog } from './verification-log.js';
import type { Verifier } from './verifier.js';

export interface VerificationServiceDeps {
  readonly verifier: Verifier;
  readonly log: VerificationLog;
  readonly clock: Clock;
}

/** A request that is being decided. */
interface Pending {
  readonly log: VerificationLog;
  readonly request: VerificationRequest;
  readonly facts: RequestFacts;
  /** Monotonic, in milliseconds. */
  readonly startedAtMs: number;
}

function record(verdict: Verdict, { log, request, facts, startedAtMs }: Pending): Verdict {
  log.record(request, verdict, facts, Math.round((performance.now() - startedAtMs) * 1000));
  return verdict;
}

/** Verifies, counts and logs: every verification for others goes through here. */
export class VerificationService {
  constructor(private readonly deps: VerificationServiceDeps) {}

  /**
   * The verdict, counted and logged; a promise only if other processes must be consulted about a nonce or limits.
   * Error: UNAVAILABLE if the key index is too old to decide, or NonceUnknown; then nothing is counted.
   */
  decide(request: VerificationRequest, facts: RequestFacts): Eventual<Verdict> {
    const { verifier, log } = this.deps;
    const startedAtMs = performance.now();
    return whenKnown(verifier.verify(request), record, { log, request, facts, startedAtMs });
  }

  /**
   * Only proves a key, for callers that then decide themselves. A rejection is counted and logged like any other; the
   * caller counts a proven key. Error: as {@link decide}.
   */
  prove(
    credential: SentCredential,
    asked: Omit<VerificationRequest, 'credential'>,
    facts: RequestFacts,
  ): Proof | Verdict {
    const { verifier, log, clock } = this.deps;
    const startedAtMs = performance.now();
    const proven = verifier.prove(credential, asked.caller, clock.now());
    if (!('code' in proven)) return proven;
    return record(proven, { log, request: { ...asked, credential }, facts, startedAtMs });
  }

  /** Calls back once all verdicts so far would survive the end of the process; only then can they be sent. */
  whenSafe(callback: () => void): void {
    this.deps.log.whenSafe(callback);
  }

  /** The same as a promise. */
  safe(): Promise<void> {
    return new Promise((resolve) => this.whenSafe(resolve));
  }
}
