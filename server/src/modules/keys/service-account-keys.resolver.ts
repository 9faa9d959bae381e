import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { authorizeAt, type RequestContext } from '../access/decide/principal.js';
import { toConnection } from '../graphql-types/connection.js';
import { visibleServiceAccount } from '../service-accounts/service-account-loader.js';
import type { ServiceAccountStore } from '../service-accounts/service-account-store.postgres.js';
import type { ServiceAccount } from '../service-accounts/service-account.js';
import { ServiceAccountType } from '../service-accounts/service-account.type.js';
import type { KeyStore } from './key-store.js';
import type { ApiKey } from './key.js';
import { ApiKeyConnection, ApiKeyType } from './key.type.js';

/** The keys of a service account. */
@Resolver(() => ServiceAccountType)
export class ServiceAccountKeysResolver {
  constructor(private readonly store: KeyStore) {}

  @FieldResolver(() => ApiKeyConnection, {
    description: 'Its unrevoked keys, newest first. Needs keywright.keys.read at its scope.',
  })
  async keys(
    @Root() account: ServiceAccount,
    @Ctx() context: RequestContext,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    const { access } = authorizeAt(context, 'keywright.keys.read', account.scopeId);
    const reach = access.reach('keywright.keys.read');
    const filter = { serviceAccountId: account.id };
    const sort = { field: 'CREATED', direction: 'DESC' } as const;
    const page = await this.store.list(filter, sort, { first, after }, reach);
    return { ...toConnection(page), filter, reach, count: undefined };
  }
}

/** The service account of a key. */
@Resolver(() => ApiKeyType)
export class KeyServiceAccountResolver {
  constructor(private readonly accounts: ServiceAccountStore) {}

  @FieldResolver(() => ServiceAccountType, {
    nullable: true,
    description: 'The service account that it inherits grants from; null for a standalone key.',
  })
  serviceAccount(@Root() key: ApiKey, @Ctx() context: RequestContext): Promise<ServiceAccount | null> | null {
    return key.serviceAccountId === null
      ? null
      : visibleServiceAccount(context, this.accounts, key.serviceAccountId);
  }
}
