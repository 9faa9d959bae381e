import type { Secrets } from '../../config/master-key.js';
import type { Clock } from '../../core/clock.js';
import type { Module } from '../access/decide/module.js';
import { SIGNING_SECRET_BOX } from '../keys/key-secret.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { KeyIndex } from '../replica/key-index.js';
import type { NonceMemory } from '../signatures/nonce-memory.js';
import { ExplainSignatureResolver } from './explain-signature.resolver.js';
import { SignatureExplainer } from './signature-explainer.js';
import type { VerificationService } from './verification-service.js';
import { VerifyResolver } from './verify.resolver.js';

export interface VerificationDeps {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly verification: VerificationService;
  readonly index: KeyIndex;
  readonly nonces: NonceMemory | null;
}

/** The management side of verification: verdicts and signature explanations. */
export function createVerification(deps: VerificationDeps) {
  const explainer = new SignatureExplainer({
    index: deps.index,
    nonces: deps.nonces,
    box: deps.secrets.boxFor(SIGNING_SECRET_BOX),
    limiter: new MemoryRateLimiter(deps.monotonicClock),
    clock: deps.clock,
  });
  return {
    resolvers: [new ExplainSignatureResolver(explainer), new VerifyResolver(deps.verification)],
  } satisfies Module;
}
