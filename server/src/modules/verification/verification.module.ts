import type { DataSource } from 'typeorm';
import type { Secrets } from '../../config/master-key.js';
import type { Clock } from '../../core/clock.js';
import type { AccessStore } from '../access/access-store.postgres.js';
import type { Directory } from '../access/directory.js';
import type { Module } from '../access/module.js';
import type { ChangeRunner } from '../audit/change-runner.js';
import { SIGNING_SECRET_BOX } from '../keys/key-secret.js';
import type { PostgresKeyStore } from '../keys/key-store.postgres.js';
import { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { RoleStore } from '../roles/role-store.postgres.js';
import type { ServiceAccountStore } from '../service-accounts/service-account-store.postgres.js';
import type { RouteRuleStore } from '../route-rules/route-rule-store.postgres.js';
import type { NonceMemory } from '../signatures/nonce-memory.js';
import type { ScopeStore } from '../tenants/scope-store.postgres.js';
import { AccessHoldService } from './access-hold-service.js';
import { AccessHoldResolver } from './access-hold.resolver.js';
import { ExplainSignatureResolver } from './explain-signature.resolver.js';
import { KeyHeldResolver } from './key-held.resolver.js';
import { KeyHoldService } from './key-hold-service.js';
import { KeyHoldResolver } from './key-hold.resolver.js';
import type { KeyIndex } from './key-index.js';
import type { ProcessRegistry } from './process-registry.js';
import { ProcessStatusResolver } from './process-status.resolver.js';
import { SignatureExplainer } from './signature-explainer.js';
import type { VerificationService } from './verification-service.js';
import { VerifyResolver } from './verify.resolver.js';

export interface VerificationDeps {
  readonly dataSource: DataSource;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
  readonly verification: VerificationService;
  readonly index: KeyIndex;
  readonly nonces: NonceMemory | null;
  readonly registry: ProcessRegistry;
  readonly keys: PostgresKeyStore;
  readonly roles: RoleStore;
  readonly scopes: ScopeStore;
  readonly routeRules: RouteRuleStore;
  readonly access: AccessStore;
  readonly serviceAccounts: ServiceAccountStore;
  readonly brand: string;
}

/** The management side of verification: verdicts, signature explanations, processes, and holds after a restore. */
export function createVerification(deps: VerificationDeps) {
  const { dataSource, directory, changes, index, keys, roles, scopes, serviceAccounts } = deps;
  const explainer = new SignatureExplainer({
    index,
    nonces: deps.nonces,
    box: deps.secrets.boxFor(SIGNING_SECRET_BOX),
    limiter: new MemoryRateLimiter(deps.monotonicClock),
    clock: deps.clock,
  });
  return {
    resolvers: [
      new AccessHoldResolver(
        new AccessHoldService({
          dataSource,
          serviceAccounts,
          roles,
          scopes,
          routeRules: deps.routeRules,
          access: deps.access,
          directory,
          changes,
        }),
      ),
      new ExplainSignatureResolver(explainer),
      new KeyHeldResolver(index, directory),
      new KeyHoldResolver(new KeyHoldService({ dataSource, keys, directory, changes, brand: deps.brand })),
      new ProcessStatusResolver(deps.registry),
      new VerifyResolver(deps.verification),
    ],
  } satisfies Module;
}
