import type { Clock } from '../../core/clock.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import { maskToken, parseToken } from '../keys/token.js';
import type { KeyIndex } from './key-index.js';
import { prove, type PepperSource, type Proof } from './proof.js';
import { STEPS } from './steps.js';
import { makeVerdict, type Verdict, type VerificationRequest } from './verdict.js';

/** Whether the index may be trusted now. */
export interface Freshness {
  /** Throws UNAVAILABLE (503, Retry-After) when the state is older than the bound. */
  requireFresh(): void;
}

/** What a {@link Verifier} works with. */
export interface VerifierParts {
  readonly index: KeyIndex;
  readonly freshness: Freshness;
  readonly limiter: RateLimiter;
  readonly peppers: PepperSource;
  /** Brand in front of tokens. */
  readonly brand: string;
  readonly clock: Clock;
  /** Told of each secret that was proven; fast, and never throws. */
  readonly onProven?: (proof: Proof, token: string) => void;
}

const mayBeToldOf = ({ asker }: VerificationRequest, { key }: Proof): boolean =>
  asker === null || asker.holdsAt('keywright.verify', key.record.scopeId);

/** Answers verifications from memory: synchronous, without a database. */
export class Verifier {
  constructor(private readonly parts: VerifierParts) {}

  /** The verdict on a request. Error: UNAVAILABLE when the key index is too old to decide; garbage is refused all the same. */
  verify(request: VerificationRequest): Verdict {
    const { index, freshness, limiter, peppers, brand, clock } = this.parts;
    const { credential } = request;
    if ('refused' in credential) {
      return makeVerdict(credential.refused, credential.hint ? { message: credential.hint } : {});
    }
    const token = parseToken(brand, credential.token);
    if (!token) return makeVerdict('KEY_MALFORMED');
    freshness.requireFresh();
    const nowMs = clock.now();
    const maskedSecret = maskToken(token.token);
    const proof = prove(index, peppers, token, nowMs);
    if (!proof || !mayBeToldOf(request, proof)) return makeVerdict('KEY_NOT_FOUND', { maskedSecret });
    this.parts.onProven?.(proof, token.token);
    const { key } = proof;
    for (const step of STEPS) {
      const code = step(key, request, nowMs);
      if (code) return makeVerdict(code, { ...proof, maskedSecret });
    }
    const { allowed, limits, retryAfterSeconds } = limiter.consume(
      key.id,
      key.record.rateLimits,
      request.cost,
    );
    return makeVerdict(allowed ? 'VALID' : 'RATE_LIMITED', {
      ...proof,
      maskedSecret,
      limits,
      retryAfterSeconds,
    });
  }
}
