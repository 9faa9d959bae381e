import type { DataSource } from 'typeorm';
import type { Clock } from '../../../core/clock.js';
import type { Directory } from '../../access/decide/directory.js';
import type { HolderBounds } from '../../access/decide/holder-bounds.js';
import type { Module } from '../../access/decide/module.js';
import { requirePrincipal, type RequestContext } from '../../access/decide/principal.js';
import type { ChangeRunner } from '../../audit/change-runner.js';
import { ScopeTreeResolver } from './scope-query.resolver.js';
import { ScopeService, type ScopeServiceDeps } from './scope-service.js';
import { ScopeStore } from './scope-store.postgres.js';
import { ScopeConnectionResolver, ScopeResolver, visibleScope } from './scope.resolver.js';

export interface ScopesDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
  readonly bounds: HolderBounds;
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
