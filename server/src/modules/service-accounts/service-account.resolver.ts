import DataLoader from 'dataloader';
import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../core/per-request.js';
import type { Reach } from '../access/decide/access-set.js';
import type { Directory } from '../access/decide/directory.js';
import { showGrants, type Grant } from '../access/decide/grant.js';
import { GrantType } from '../access/decide/grant.type.js';
import { requirePrincipal, type RequestContext } from '../access/decide/principal.js';
import { BigIntScalar } from '../scalars/big-int.js';
import type { Scope } from '../scopes/tree/scope.js';
import { ScopeType } from '../scopes/tree/scope.type.js';
import { visibleServiceAccount } from './service-account-loader.js';
import type { ServiceAccountStore } from './service-account-store.postgres.js';
import type { ServiceAccount, ServiceAccountFilter } from './service-account.js';
import { ServiceAccountConnection, ServiceAccountType } from './service-account.type.js';

/** Fields of service accounts that are not columns. */
@Resolver(() => ServiceAccountType)
export class ServiceAccountResolver {
  constructor(
    private readonly store: ServiceAccountStore,
    private readonly directory: Directory,
  ) {}

  @FieldResolver(() => ScopeType, { description: 'Scope of the service account and its keys.' })
  scope(@Root() account: ServiceAccount): Scope {
    return this.directory.tree.get(account.scopeId)!;
  }

  @FieldResolver(() => [GrantType], {
    description: 'What its keys inherit, without grants at scopes that the caller cannot see.',
  })
  grants(@Root() account: ServiceAccount, @Ctx() context: RequestContext): Grant[] {
    return showGrants(this.directory, requirePrincipal(context).access, account.grants);
  }

  @FieldResolver(() => [String], {
    description: 'All permissions that the grants give at any scope, sorted.',
  })
  permissions(@Root() account: ServiceAccount): string[] {
    return this.directory.expand(account.grants).anywhere.list();
  }

  @FieldResolver(() => Int, { description: 'Number of keys that are not revoked.' })
  keyCount(@Root() account: ServiceAccount, @Ctx() context: RequestContext): Promise<number> {
    return perRequest(
      context,
      ServiceAccountResolver,
      () => new DataLoader<string, number>((ids) => this.store.keyCounts(ids)),
    ).load(account.id);
  }
}

/** The origin of a key's grant. */
@Resolver(() => GrantType)
export class GrantOriginResolver {
  constructor(private readonly store: ServiceAccountStore) {}

  @FieldResolver(() => ServiceAccountType, {
    nullable: true,
    description: "The service account that a key inherits this grant from; null for the key's own grants.",
  })
  inheritedFrom(@Root() grant: Grant, @Ctx() context: RequestContext): Promise<ServiceAccount | null> | null {
    return grant.inheritedFromId === null
      ? null
      : visibleServiceAccount(context, this.store, grant.inheritedFromId);
  }
}

/** A page, with what is needed to count the total. */
export interface ListedAccounts {
  readonly filter: ServiceAccountFilter;
  readonly reach: Reach;
}

/** Counts the matching service accounts. */
@Resolver(() => ServiceAccountConnection)
export class ServiceAccountConnectionResolver {
  constructor(private readonly store: ServiceAccountStore) {}

  @FieldResolver(() => BigIntScalar, { description: 'Total number of matching service accounts.' })
  totalCount(@Root() { filter, reach }: ListedAccounts): Promise<number> {
    return this.store.count(filter, reach);
  }
}
