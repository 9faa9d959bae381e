import { VERDICTS } from '@keywright/schema/verdicts';
import type { Clock } from '../../core/clock.js';
import { survivesRestart } from '../limits/limit-rules.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import { maskToken, parseToken } from '../keys/token.js';
import type { Proof, Prover } from './proof.js';
import { STEPS } from './steps.js';
import { makeVerdict, type Verdict, type VerificationRequest } from './verdict.js';

/** Whether the index may be trusted now. */
export interface Freshness {
  /** Throws UNAVAILABLE (503, Retry-After) when the state is older than the bound. */
  requireFresh(): void;
}

/** What a {@link Verifier} works with. */
export interface VerifierParts {
  readonly prover: Prover;
  readonly freshness: Freshness;
  readonly limiter: RateLimiter;
  /** Brand in front of tokens. */
  readonly brand: string;
  readonly clock: Clock;
  /** Told of each secret that was proven; fast, and never throws. */
  readonly onProven?: (proof: Proof, token: string) => void;
}

const mayBeToldOf = ({ asker }: VerificationRequest, { key }: Proof): boolean =>
  asker === null || asker.holdsAt('keywright.verify', key.traits.scopeId);

/** Answers verifications from memory: synchronous, without a database. */
export class Verifier {
  constructor(private readonly parts: VerifierParts) {}

  /** The verdict on a request. Error: UNAVAILABLE when the key index is too old to decide; garbage is refused all the same. */
  verify(request: VerificationRequest): Verdict {
    const { prover, freshness, brand, clock } = this.parts;
    const { credential } = request;
    if ('refused' in credential) {
      return makeVerdict(credential.refused, credential.hint ? { message: credential.hint } : {});
    }
    const token = parseToken(brand, credential.token);
    if (!token) return makeVerdict('KEY_MALFORMED');
    freshness.requireFresh();
    const nowMs = clock.now();
    const proof = prover.prove(token, nowMs);
    if (!proof || !mayBeToldOf(request, proof)) {
      return makeVerdict('KEY_NOT_FOUND', { maskedSecret: maskToken(token.token) });
    }
    this.parts.onProven?.(proof, token.token);
    return this.judge(proof, request, nowMs);
  }

  /**
   * The verdict on a key whose secret was proven before, for a connection that goes on with the same one; undefined when the
   * key has changed since, and the secret must be proven again. Error: as {@link verify}.
   */
  verifyAgain(proof: Proof, request: VerificationRequest): Verdict | undefined {
    const { prover, freshness, clock } = this.parts;
    freshness.requireFresh();
    const nowMs = clock.now();
    return prover.stillHolds(proof, nowMs) ? this.judge(proof, request, nowMs) : undefined;
  }

  private judge(proof: Proof, request: VerificationRequest, nowMs: number): Verdict {
    const { key, usedPreviousSecret, maskedSecret } = proof;
    for (const step of STEPS) {
      const code = step(key, request, nowMs);
      if (code) return makeVerdict(code, { key, usedPreviousSecret, maskedSecret, proof });
    }
    const rules = key.traits.limits;
    const { limits, retryAfterSeconds, refusedBy } = this.parts.limiter.consume(key.id, rules, request.cost);
    const code = refusedBy === null ? 'VALID' : refusedBy === 'QUOTA' ? 'QUOTA_EXCEEDED' : 'RATE_LIMITED';
    const { status, message } = VERDICTS[code];
    const units = refusedBy === null && survivesRestart(rules) ? request.cost : 0;
    return {
      code,
      status,
      message,
      key,
      usedPreviousSecret,
      maskedSecret,
      limits,
      retryAfterSeconds,
      units,
      proof,
    };
  }
}
