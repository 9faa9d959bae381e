import type { Secrets } from '../../config/master-key.js';
import { DAY_MS, type Clock } from '../../core/clock.js';
import type { ChangePropagation } from '../../core/propagation.js';
import type { DataSource } from 'typeorm';
import type { Directory } from '../access/decide/directory.js';
import type { Module, ModuleDeps } from '../access/decide/module.js';
import type { RequestContext } from '../access/decide/principal.js';
import type { AuditStore } from '../audit/audit-store.postgres.js';
import type { ServiceAccountStore } from '../service-accounts/service-account-store.postgres.js';
import { KeyAccessResolver } from './key-access.resolver.js';
import type { KeyBoundsCheck } from './key-bounds-check.js';
import { KeyBulkResolver } from './key-bulk.resolver.js';
import { KeyGrantsCheck } from './key-grants.js';
import { KeyChangeResolver, KeyHistoryResolver } from './key-history.resolver.js';
import { visibleKey } from './key-loader.js';
import { KeyMutationResolver } from './key-mutation.resolver.js';
import { SIGNING_SECRET_BOX } from './key-secret.js';
import { KeyService, type KeyServiceDeps } from './key-service.js';
import { PostgresKeyStore } from './key-store.postgres.js';
import { KeyConnectionResolver, KeyResolver } from './key.resolver.js';
import { KeysOfUserResolver, type KeysOfUserDeps } from './keys-of-user.resolver.js';
import { KeyServiceAccountResolver, ServiceAccountKeysResolver } from './service-account-keys.resolver.js';
import { ViewerKeyResolver } from './viewer-key.resolver.js';

/** The key store, for modules that read keys before the rest of this module exists. */
export const createKeyStore = (
  dataSource: DataSource,
  clock: Clock,
  secrets: Secrets,
  brand: string,
  directory: Directory,
): PostgresKeyStore =>
  new PostgresKeyStore(
    dataSource,
    clock,
    { brand, ...secrets },
    secrets.boxFor(SIGNING_SECRET_BOX),
    directory,
  );

export interface KeysDeps extends ModuleDeps {
  readonly store: PostgresKeyStore;
  readonly bounds: KeyBoundsCheck;
  readonly propagation: ChangePropagation;
  readonly allowance: KeyServiceDeps['allowance'];
  readonly auditStore: AuditStore;
  readonly serviceAccounts: ServiceAccountStore;
  readonly visibleUser: KeysOfUserDeps['visibleUser'];
}

/** Keys: creating, changing, listing and revoking them. */
export function createKeys(deps: KeysDeps) {
  const { store, bounds, clock, access, directory, changes, auditStore, serviceAccounts, log } = deps;
  const service = new KeyService({
    store,
    directory,
    grants: new KeyGrantsCheck(directory, access),
    bounds,
    changes,
    allowance: deps.allowance,
    clock,
    brand: deps.brand,
    publicUrl: deps.publicUrl,
  });
  return {
    resolvers: [
      new KeyAccessResolver(directory),
      new KeyBulkResolver(service, log),
      new KeyChangeResolver(auditStore, store),
      new KeyConnectionResolver(store),
      new KeyHistoryResolver(auditStore),
      new KeyMutationResolver(service, deps.propagation),
      new KeyResolver(store),
      new KeyServiceAccountResolver(serviceAccounts),
      new KeysOfUserResolver({ service, store, visibleUser: deps.visibleUser, log }),
      new ServiceAccountKeysResolver(store),
      new ViewerKeyResolver(store),
    ],
    nodes: { key: (context: RequestContext, id: string) => visibleKey(context, store, id) },
    tidy: () => store.tidy(new Date(clock.now() - DAY_MS)),
  } satisfies Module;
}
