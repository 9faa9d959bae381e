import type { DataSource } from 'typeorm';
import type { AccessStore } from '../../access/decide/access-store.postgres.js';
import type { Directory } from '../../access/decide/directory.js';
import type { Module } from '../../access/decide/module.js';
import type { RoleStore } from '../../access/roles/role-store.postgres.js';
import type { ChangeRunner } from '../../audit/change-runner.js';
import type { PostgresKeyStore } from '../../keys/key-store.postgres.js';
import type { RouteRuleStore } from '../../route-rules/route-rule-store.postgres.js';
import type { ScopeStore } from '../../scopes/management/scope-store.postgres.js';
import type { ServiceAccountStore } from '../../service-accounts/service-account-store.postgres.js';
import { AccessHoldService } from './access-hold-service.js';
import { AccessHoldResolver } from './access-hold.resolver.js';
import { KeyHeldResolver } from './key-held.resolver.js';
import { KeyHoldService } from './key-hold-service.js';
import { KeyHoldResolver } from './key-hold.resolver.js';
import type { KeyIndex } from '../key-index.js';

export interface HoldsDeps {
  readonly dataSource: DataSource;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
  readonly index: KeyIndex;
  readonly keys: PostgresKeyStore;
  readonly roles: RoleStore;
  readonly scopes: ScopeStore;
  readonly routeRules: RouteRuleStore;
  readonly access: AccessStore;
  readonly serviceAccounts: ServiceAccountStore;
  readonly brand: string;
}

/** What is held back after the database was restored from a backup. */
export function createHolds(deps: HoldsDeps) {
  const { dataSource, directory, changes, index, keys, brand } = deps;
  return {
    resolvers: [
      new AccessHoldResolver(new AccessHoldService(deps)),
      new KeyHeldResolver(index, directory),
      new KeyHoldResolver(new KeyHoldService({ dataSource, keys, directory, changes, brand })),
    ],
  } satisfies Module;
}
