import type { Module, ModuleDeps } from '../../access/decide/module.js';
import { requirePrincipal, type RequestContext } from '../../access/decide/principal.js';
import { ScopeTreeResolver } from './scope-query.resolver.js';
import { ScopeService, type ScopeServiceDeps } from './scope-service.js';
import { ScopeStore } from './scope-store.postgres.js';
import { ScopeConnectionResolver, ScopeResolver, visibleScope } from './scope.resolver.js';

export interface ScopesDeps extends ModuleDeps {
  /** Admits the keys of a scope that was moved to another customer. */
  readonly admitMoved: ScopeServiceDeps['admitMoved'];
  /** Maximum number of keys for customers without their own maximum; undefined: no limit. */
  readonly maximumKeysPerCustomer: number | undefined;
}

/** The tree of customers, organizations and accounts. */
export function createScopes(deps: ScopesDeps) {
  const { dataSource, clock, directory, changes, bounds, admitMoved, maximumKeysPerCustomer } = deps;
  const store = new ScopeStore(dataSource);
  const service = new ScopeService({ store, admitMoved, bounds, directory, changes, clock });
  return {
    store,
    resolvers: [
      new ScopeConnectionResolver(store),
      new ScopeResolver(store, directory, maximumKeysPerCustomer),
      new ScopeTreeResolver(store, directory, service),
    ],
    nodes: {
      scp: async (context: RequestContext, id: string) =>
        visibleScope(directory, requirePrincipal(context), id),
    },
  } satisfies Module & { store: ScopeStore };
}
