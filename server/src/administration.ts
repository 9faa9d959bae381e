import type { DataSource } from 'typeorm';
import type { Clock } from './core/clock.js';
import type { AccessStore } from './modules/access/access-store.postgres.js';
import type { Directory } from './modules/access/directory.js';
import type { HolderBounds } from './modules/access/holder-bounds.js';
import type { ChangeRunner } from './modules/audit/change-runner.js';
import { PermissionService } from './modules/roles/permission-service.js';
import { RoleService } from './modules/roles/role-service.js';
import { RoleStore } from './modules/roles/role-store.postgres.js';
import { PermissionResolver, RoleResolver } from './modules/roles/role.resolver.js';
import type { RouteRuleSet } from './modules/route-rules/route-rule-set.js';
import { DocumentReader } from './modules/route-rules/openapi/document-reader.js';
import { OpenApiImportService } from './modules/route-rules/openapi/openapi-import-service.js';
import { OpenApiImportResolver } from './modules/route-rules/openapi/openapi-import.resolver.js';
import { RouteRuleService } from './modules/route-rules/route-rule-service.js';
import { RouteRuleStore } from './modules/route-rules/route-rule-store.postgres.js';
import { RouteRuleResolver } from './modules/route-rules/route-rule.resolver.js';
import { ServiceAccountQueryResolver } from './modules/service-accounts/service-account-query.resolver.js';
import { ServiceAccountService } from './modules/service-accounts/service-account-service.js';
import { ServiceAccountStore } from './modules/service-accounts/service-account-store.postgres.js';
import {
  GrantOriginResolver,
  ServiceAccountConnectionResolver,
  ServiceAccountResolver,
} from './modules/service-accounts/service-account.resolver.js';
import { ScopeTreeResolver } from './modules/tenants/scope-query.resolver.js';
import { ScopeService, type ScopeServiceParts } from './modules/tenants/scope-service.js';
import { ScopeStore } from './modules/tenants/scope-store.postgres.js';
import { AccessHoldService } from './modules/verification/access-hold-service.js';
import { AccessHoldResolver } from './modules/verification/access-hold.resolver.js';
import { UserAdminStore } from './modules/users/user-admin-store.postgres.js';
import { ScopeConnectionResolver, ScopeResolver } from './modules/tenants/scope.resolver.js';

/** What the administration of access is built from. */
export interface AdministrationDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly access: AccessStore;
  readonly directory: Directory;
  readonly bounds: HolderBounds;
  /** Most keys of each customer that has no maximum of its own; undefined: no limit is set. */
  readonly maximumKeysPerCustomer: number | undefined;
  /** Admits the keys of a scope that was moved to another customer. */
  readonly admitMoved: ScopeServiceParts['admitMoved'];
  readonly changes: ChangeRunner;
  readonly routes: RouteRuleSet;
}

/** The scope tree, roles, the permission catalogue, service accounts and route rules. */
export interface Administration {
  readonly serviceAccounts: ServiceAccountStore;
  readonly routeRules: RouteRuleStore;
  readonly resolvers: readonly object[];
}

/** Puts together what grants refer to: the part of the composition root that is about it. */
export function createAdministration(deps: AdministrationDeps): Administration {
  const { dataSource, clock, access, directory, bounds, changes, routes } = deps;
  const scopes = new ScopeStore(dataSource);
  const roles = new RoleStore(dataSource);
  const serviceAccounts = new ServiceAccountStore(dataSource);
  const routeRules = new RouteRuleStore(dataSource);
  const shared = { access, directory, changes, clock };
  return {
    serviceAccounts,
    routeRules,
    resolvers: [
      new AccessHoldResolver(
        new AccessHoldService({
          dataSource,
          serviceAccounts,
          roles,
          scopes,
          routeRules,
          access,
          directory,
          changes,
        }),
      ),
      new GrantOriginResolver(serviceAccounts),
      new OpenApiImportResolver(
        new OpenApiImportService({ store: routeRules, reader: new DocumentReader(), ...shared }),
      ),
      new PermissionResolver(access, new PermissionService(changes)),
      new RoleResolver(
        roles,
        new RoleService({ store: roles, owners: new UserAdminStore(dataSource), bounds, ...shared }),
      ),
      new RouteRuleResolver(routeRules, new RouteRuleService({ store: routeRules, ...shared }), routes),
      new ScopeConnectionResolver(scopes),
      new ScopeResolver(scopes, directory, deps.maximumKeysPerCustomer),
      new ScopeTreeResolver(
        scopes,
        directory,
        new ScopeService({ store: scopes, admitMoved: deps.admitMoved, bounds, ...shared }),
      ),
      new ServiceAccountConnectionResolver(serviceAccounts),
      new ServiceAccountQueryResolver(
        serviceAccounts,
        new ServiceAccountService({ store: serviceAccounts, bounds, ...shared }),
      ),
      new ServiceAccountResolver(serviceAccounts, directory),
    ],
  };
}
