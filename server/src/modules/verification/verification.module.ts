import type { Secrets } from '../../config/master-key.js';
import type { Clock } from '../../core/clock.js';
import type { Module } from '../access/decide/module.js';
import type { DigestUpgrades } from '../keys/digest-upgrade.js';
import { SIGNING_SECRET_BOX } from '../keys/key-secret.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { ChangeFeed } from '../replica/change-feed.js';
import type { KeyIndex } from '../replica/key-index.js';
import type { NonceMemory } from '../signatures/nonce-memory.js';
import type { VerificationRecorder } from '../usage/usage-event.js';
import { CallerGate } from './caller-gate.js';
import { ExplainSignatureResolver } from './explain-signature.resolver.js';
import { noteProven } from './note-proven.js';
import { Prover } from './proof.js';
import { SignatureExplainer } from './signature-explainer.js';
import type { SingleUse } from './single-use.js';
import { VerificationLog } from './verification-log.js';
import { VerificationService } from './verification-service.js';
import { VerificationTally } from './verification-tally.js';
import { Verifier } from './verifier.js';
import { VerifyResolver } from './verify.resolver.js';

export interface VerifyingDeps {
  readonly index: KeyIndex;
  readonly feed: Pick<ChangeFeed, 'requireFresh' | 'settled'>;
  readonly limiter: RateLimiter;
  readonly singleUse: SingleUse;
  readonly recorder: VerificationRecorder;
  readonly secrets: Secrets;
  /** Digests that move to the current pepper once their secret is proven. */
  readonly upgrades: DigestUpgrades;
  readonly brand: string;
  readonly clock: Clock;
}

/** What answers verifications, and admits the keys that call Keywright itself. */
export function openVerification(deps: VerifyingDeps) {
  const { index, feed, limiter, singleUse, recorder, secrets, upgrades, brand, clock } = deps;
  const verifier = new Verifier({
    prover: new Prover(index, secrets.peppers, secrets.boxFor(SIGNING_SECRET_BOX)),
    freshness: feed,
    limiter,
    brand,
    clock,
    singleUse,
    onProven: noteProven(upgrades),
  });
  const tally = new VerificationTally();
  const log = new VerificationLog({ recorder, tally, clock });
  const service = new VerificationService({ verifier, log, clock });
  return {
    service,
    gate: new CallerGate({ service, verifier, index, log, freshness: feed, clock }),
    /** Verdicts since the process started. */
    tally,
  };
}

export interface VerificationDeps {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly service: VerificationService;
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
    resolvers: [new ExplainSignatureResolver(explainer), new VerifyResolver(deps.service)],
  } satisfies Module;
}
