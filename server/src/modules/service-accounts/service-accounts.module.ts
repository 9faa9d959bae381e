import { ID_PREFIXES, isId } from '../../core/id.js';
import type { Module, ModuleDeps } from '../access/decide/module.js';
import type { RequestContext } from '../access/decide/principal.js';
import { visibleServiceAccount } from './service-account-loader.js';
import { ServiceAccountQueryResolver } from './service-account-query.resolver.js';
import { ServiceAccountService } from './service-account-service.js';
import { ServiceAccountStore } from './service-account-store.postgres.js';
import {
  GrantOriginResolver,
  ServiceAccountConnectionResolver,
  ServiceAccountResolver,
} from './service-account.resolver.js';

/** Service accounts, whose grants their keys inherit. */
export function createServiceAccounts(deps: ModuleDeps) {
  const { dataSource, clock, access, directory, changes, bounds } = deps;
  const store = new ServiceAccountStore(dataSource);
  const service = new ServiceAccountService({ store, bounds, access, directory, changes, clock });
  return {
    store,
    resolvers: [
      new GrantOriginResolver(store),
      new ServiceAccountConnectionResolver(store),
      new ServiceAccountQueryResolver(store, service),
      new ServiceAccountResolver(store, directory),
    ],
    nodes: {
      sva: async (context: RequestContext, id: string) =>
        isId(ID_PREFIXES.serviceAccount, id) ? visibleServiceAccount(context, store, id) : null,
    },
  } satisfies Module & { store: ServiceAccountStore };
}
