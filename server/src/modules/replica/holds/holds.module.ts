import type { Module, ModuleDeps } from '../../access/decide/module.js';
import type { RoleStore } from '../../access/roles/role-store.postgres.js';
import type { PostgresKeyStore } from '../../keys/key-store.postgres.js';
import type { RouteRuleStore } from '../../route-rules/route-rule-store.postgres.js';
import type { ScopeStore } from '../../scopes/management/scope-store.postgres.js';
import type { ServiceAccountStore } from '../../service-accounts/service-account-store.postgres.js';
import { AccessHoldService } from './access-hold-service.js';
import { AccessHoldStore } from './access-hold-store.postgres.js';
import { AccessHoldResolver } from './access-hold.resolver.js';
import { KeyHeldResolver } from './key-held.resolver.js';
import { KeyHoldService } from './key-hold-service.js';
import { KeyHoldStore } from './key-hold-store.postgres.js';
import { KeyHoldResolver } from './key-hold.resolver.js';
import type { KeyIndex } from '../key-index.js';

export interface HoldsDeps extends ModuleDeps {
  readonly index: KeyIndex;
  readonly keys: PostgresKeyStore;
  readonly roles: RoleStore;
  readonly scopes: ScopeStore;
  readonly routeRules: RouteRuleStore;
  readonly serviceAccounts: ServiceAccountStore;
}

/** What is held back after the database was restored from a backup. */
export function createHolds(deps: HoldsDeps) {
  const { dataSource, directory, changes, index, keys, brand } = deps;
  return {
    resolvers: [
      new AccessHoldResolver(new AccessHoldService({ ...deps, holds: new AccessHoldStore(dataSource) })),
      new KeyHeldResolver(index, directory),
      new KeyHoldResolver(
        new KeyHoldService({ holds: new KeyHoldStore(dataSource), keys, directory, changes, brand }),
      ),
    ],
  } satisfies Module;
}
