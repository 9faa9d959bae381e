import { VERDICTS } from '@keywright/schema/verdicts';
import type { Clock } from '../../core/clock.js';
import { survivesRestart } from '../limits/limit-rules.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import { maskToken, parseToken } from '../keys/token.js';
import type { NonceMemory } from '../signatures/nonce-memory.js';
import { readSignature } from '../signatures/read-signature.js';
import type { SignedRequest } from '../signatures/signed-request.js';
import type { SentCredential } from './credential.js';
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
  readonly nonces: NonceMemory;
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
    if ('signed' in credential) return this.verifySigned(request, credential.signed, credential.beside);
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

  /** The same for a request that may be signed; `beside` is what it carries apart from that. */
  private verifySigned(request: VerificationRequest, signed: SignedRequest, beside: SentCredential): Verdict {
    const { prover, freshness, clock, nonces } = this.parts;
    const nowMs = clock.now();
    const claim = readSignature(signed, nowMs);
    if (claim === undefined) return this.verify({ ...request, credential: beside });
    if ('token' in beside || beside.refused !== 'KEY_MISSING' || beside.hint !== undefined) {
      return makeVerdict('AMBIGUOUS_CREDENTIAL');
    }
    if ('refused' in claim) return makeVerdict(claim.refused, { message: claim.detail });
    freshness.requireFresh();
    const proof = prover.proveSignature(claim, nowMs);
    if (!proof || !mayBeToldOf(request, proof)) return makeVerdict('SIGNATURE_INVALID');
    const { key, usedPreviousSecret } = proof;
    if (!key.traits.signatureProfiles.includes(claim.profile)) {
      const message = `This key does not accept signatures of the profile ${claim.profile}.`;
      return makeVerdict('SIGNATURE_INVALID', { message, key, usedPreviousSecret });
    }
    if (claim.nonce !== null && !nonces.use(key.id, claim.nonce, claim.acceptedUntilMs, nowMs)) {
      return makeVerdict('REPLAYED', { key, usedPreviousSecret });
    }
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
