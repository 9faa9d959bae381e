import { codeOfLimit, refusalOf } from '@keywright/schema/steps';
import { VERDICTS } from '@keywright/schema/verdicts';
import type { Clock } from '../../core/clock.js';
import { whenKnown, type Eventual } from '../../core/eventual.js';
import { isLimited, survivesRestart } from '../limits/limit-rules.js';
import { UNLIMITED } from '../limits/limit-state.js';
import type { LimitDecision, RateLimiter } from '../limits/rate-limiter.js';
import type { AccessSet } from '../access/decide/access-set.js';
import { maskToken } from '@keywright/schema/mask-token';
import { parseToken } from '../keys/token.js';
import type { ShownNonce } from '../signatures/nonce.js';
import { judgeBody } from '../signatures/received-content.js';
import { readSignature } from '../signatures/read-signature.js';
import { hasOtherCredential, type SentCredential, type SignedCredential } from './credential.js';
import { NonceUnknown } from './nonce-unknown.js';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { KeyQuestion } from '../replica/key-rights.js';
import type { Proof, Prover } from './proof.js';
import type { SingleUse, SingleUseDecision } from './single-use.js';
import { makeVerdict, type Verdict, type VerificationRequest } from './verdict.js';

/** Whether the index can be trusted now. */
export interface Freshness {
  /** Throws UNAVAILABLE (503, Retry-After) if the state is older than allowed. */
  requireFresh(): void;
}

export interface VerifierDeps {
  readonly prover: Prover;
  readonly freshness: Freshness;
  readonly limiter: RateLimiter;
  /** Token prefix. */
  readonly brand: string;
  readonly clock: Clock;
  readonly singleUse: SingleUse;
  /** Called with each proven secret; fast, and never throws. */
  readonly onProven?: (proof: Proof, token: string) => void;
}

/** Whether the caller may see this key; null if the caller is unrestricted. */
export const maySeeKey = (caller: AccessSet | null, key: IndexedKey): boolean =>
  caller === null || caller.holdsAt('keywright.verify', key.traits.scopeId);

interface Proven {
  readonly proof: Proof;
  readonly nonce: ShownNonce | null;
  readonly signature: Verdict['signature'];
}

interface Disproven {
  readonly proof: null;
  readonly nonce: null;
  readonly verdict: Verdict;
}

const withSignature = (verdict: Verdict, signature: Verdict['signature']): Verdict => ({
  ...verdict,
  signature,
});

const disproven = (...of: Parameters<typeof makeVerdict>): Disproven => ({
  proof: null,
  nonce: null,
  verdict: makeVerdict(...of),
});

/**
 * Answers verifications from memory, without a database: synchronously, unless several processes share limits or
 * nonces. It then checks the key again after the wait.
 */
export class Verifier {
  constructor(private readonly deps: VerifierDeps) {}

  /**
   * The verdict on a request. Error: UNAVAILABLE if the key index is too old to decide; malformed credentials are
   * rejected nevertheless.
   */
  verify(request: VerificationRequest): Eventual<Verdict> {
    const { credential } = request;
    if ('signed' in credential) return this.verifySigned(request, credential);
    const nowMs = this.deps.clock.now();
    const proven = this.prove(credential, request.caller, nowMs);
    return 'code' in proven ? proven : this.judge(proven, request, nowMs);
  }

  /**
   * Only proves the secret, whatever the state of its key; or returns the verdict that no key was proven. Error: as
   * {@link verify}.
   */
  prove(credential: SentCredential, caller: AccessSet | null, nowMs: number): Proof | Verdict {
    const { prover, freshness, brand } = this.deps;
    if ('refused' in credential) {
      return makeVerdict(credential.refused, credential.hint ? { message: credential.hint } : {});
    }
    const token = parseToken(brand, credential.token);
    if (!token) return makeVerdict('KEY_MALFORMED');
    freshness.requireFresh();
    const proof = prover.prove(token, nowMs);
    if (!proof || !maySeeKey(caller, proof.key)) {
      return makeVerdict('KEY_NOT_FOUND', { maskedSecret: maskToken(token.token) });
    }
    this.deps.onProven?.(proof, token.token);
    return proof;
  }

  /** The same for a request that may be signed. */
  private verifySigned(request: VerificationRequest, credential: SignedCredential): Eventual<Verdict> {
    const nowMs = this.deps.clock.now();
    const signed = this.proveSigned(request, credential, nowMs);
    if (!signed) return this.verify({ ...request, credential: credential.other });
    if (!signed.proof) return signed.verdict;
    const { proof, nonce, signature } = signed;
    const verdict = this.judge(proof, request, nowMs, nonce);
    return whenKnown(verdict, withSignature, signature);
  }

  /** The proof and the nonce of a signature, or why it proves nothing; undefined if there is no signature. */
  private proveSigned(
    { caller }: Pick<VerificationRequest, 'caller'>,
    { signed, other }: SignedCredential,
    nowMs: number,
  ): Proven | Disproven | undefined {
    const { prover, freshness } = this.deps;
    const claim = readSignature(signed, nowMs);
    if (claim === undefined) return undefined;
    if (hasOtherCredential(other)) return disproven('AMBIGUOUS_CREDENTIAL');
    if ('refused' in claim) return disproven(claim.refused, { message: claim.detail });
    freshness.requireFresh();
    const proof = prover.proveSignature(claim, nowMs);
    if (!proof || !maySeeKey(caller, proof.key)) return disproven('SIGNATURE_INVALID');
    const { key, usedPreviousSecret } = proof;
    if (!key.traits.signatureProfiles.includes(claim.profile)) {
      const message = `This key does not accept the signature profile ${claim.profile}.`;
      return disproven('SIGNATURE_INVALID', { message, key, usedPreviousSecret });
    }
    const body = judgeBody(claim, signed.content ?? null);
    if (body === 'OTHER') {
      const message = 'The body is not the one that was signed.';
      return disproven('SIGNATURE_INVALID', { message, key, usedPreviousSecret });
    }
    const { nonce, acceptedUntilMs: untilMs, profile } = claim;
    return {
      proof,
      nonce: nonce && { ...nonce, keyId: key.id, customerId: key.rights.customerId, untilMs },
      signature: { profile, body },
    };
  }

  /**
   * The verdict on a key whose secret was proven before, for a connection that reuses it; undefined if the key has
   * changed and the secret must be proven again. Error: as {@link verify}.
   */
  verifyAgain(proof: Proof, request: VerificationRequest): Eventual<Verdict> | undefined {
    const { prover, freshness, clock } = this.deps;
    freshness.requireFresh();
    const nowMs = clock.now();
    return prover.stillHolds(proof, nowMs) ? this.judge(proof, request, nowMs) : undefined;
  }

  /** The current proof, without a charge; undefined if the secret no longer works or the key would be rejected. */
  renew(proof: Proof, request: VerificationRequest): Proof | undefined {
    const nowMs = this.deps.clock.now();
    const renewed = this.deps.prover.renew(proof, nowMs);
    return renewed && refusalOf<KeyQuestion>(renewed.key, request, nowMs) !== undefined ? undefined : renewed;
  }

  /** Checks a proven key; charges its limits last, atomically with the nonce of a signature. */
  private judge(
    proof: Proof,
    request: VerificationRequest,
    nowMs: number,
    nonce: ShownNonce | null = null,
  ): Eventual<Verdict> {
    const refused = refuse(proof, request, nowMs);
    if (refused) return refused;
    const { limiter, singleUse, clock } = this.deps;
    const { key } = proof;
    const { limits } = key.traits;
    const { cost } = request;
    if (!nonce && !isLimited(limits)) return conclude(proof, request, UNLIMITED);
    const decision = nonce
      ? singleUse.charge(nonce, limits, cost, nowMs)
      : limiter.consume(key.id, limits, cost);
    if (!(decision instanceof Promise)) return conclude(proof, request, decision);
    return decision.then((known) => {
      const laterMs = clock.now();
      const renewed = this.renewed(proof, request, laterMs);
      if ('code' in renewed) return renewed;
      return refuse(renewed, request, laterMs) ?? conclude(renewed, request, known);
    });
  }

  /**
   * The proof after a wait, during which the key can have changed in any way; or the verdict that it no longer holds.
   * Error: as {@link verify}.
   */
  private renewed(proof: Proof, { credential, caller }: VerificationRequest, nowMs: number): Proof | Verdict {
    const { prover, freshness } = this.deps;
    if ('signed' in credential) {
      const again = this.proveSigned({ caller }, credential, nowMs);
      return again?.proof ?? again?.verdict ?? makeVerdict('SIGNATURE_INVALID');
    }
    freshness.requireFresh();
    const renewed = prover.renew(proof, nowMs);
    if (renewed && maySeeKey(caller, renewed.key)) return renewed;
    return makeVerdict('KEY_NOT_FOUND', { maskedSecret: proof.maskedSecret });
  }
}

/** Why a proven key is rejected, before its limits are charged. */
function refuse(proof: Proof, request: VerificationRequest, nowMs: number): Verdict | undefined {
  const { key, usedPreviousSecret, maskedSecret } = proof;
  const code = refusalOf<KeyQuestion>(key, request, nowMs);
  return code && makeVerdict(code, { key, usedPreviousSecret, maskedSecret, proof });
}

/** The verdict after the limits decided. Error: UNAVAILABLE if it is unknown whether a nonce is new. */
function conclude(
  proof: Proof,
  { cost }: VerificationRequest,
  decision: LimitDecision | SingleUseDecision,
): Verdict {
  const { key, usedPreviousSecret, maskedSecret } = proof;
  if (decision === 'UNKNOWN') throw new NonceUnknown();
  if (decision === 'REPEATED') return makeVerdict('REPLAYED', { key, usedPreviousSecret });
  const { limits, retryAfterSeconds, refusedBy } = decision;
  const code = refusedBy === null ? 'VALID' : codeOfLimit(refusedBy);
  const { status, message } = VERDICTS[code];
  const units = refusedBy === null && survivesRestart(key.traits.limits) ? cost : 0;
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
    signature: null,
  };
}
