import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { AppError } from '../../core/errors.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import type { Reach } from '../access/decide/access-set.js';
import { filterableScope } from '../access/decide/grant.js';
import { authorize, requirePrincipal, type RequestContext } from '../access/decide/principal.js';
import { toConnection } from '../graphql-types/connection.js';
import { EXPECTED_VERSION } from '../graphql-types/expected-version.js';
import { CreateServiceAccountInput, UpdateServiceAccountInput } from './service-account.input.js';
import type { ServiceAccount } from './service-account.js';
import { SHOWING, visibleServiceAccount } from './service-account-loader.js';
import type { ServiceAccountService } from './service-account-service.js';
import type { ServiceAccountStore } from './service-account-store.postgres.js';
import { ServiceAccountConnection, ServiceAccountType } from './service-account.type.js';

/** Where the caller can see service accounts. Errors: UNAUTHENTICATED, FORBIDDEN. */
function extentOf(context: RequestContext): Reach {
  const { access } = requirePrincipal(context);
  const reaches = SHOWING.map((name) => access.reach(name));
  if (reaches.includes('EVERYTHING')) return 'EVERYTHING';
  const ids = reaches.flat();
  if (ids.length === 0) throw new AppError('FORBIDDEN', `This requires the permission ${SHOWING[0]!}.`);
  return ids;
}

/** Reads and changes service accounts. */
@Resolver()
export class ServiceAccountQueryResolver {
  constructor(
    private readonly store: ServiceAccountStore,
    private readonly service: ServiceAccountService,
  ) {}

  @Query(() => ServiceAccountType, {
    nullable: true,
    description: 'One service account. Needs keywright.keys.read or keywright.access.manage at its scope.',
  })
  async serviceAccount(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
  ): Promise<ServiceAccount | null> {
    extentOf(context);
    return isId(ID_PREFIXES.serviceAccount, id) ? visibleServiceAccount(context, this.store, id) : null;
  }

  @Query(() => ServiceAccountConnection, {
    description:
      'Service accounts by name, at a scope or below, limited to scopes where the caller holds keywright.keys.read or keywright.access.manage.',
  })
  async serviceAccounts(
    @Ctx() context: RequestContext,
    @Arg('scopeId', () => ID, { nullable: true }) scopeId: string | null,
    @Arg('search', () => String, { nullable: true }) search: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    const reach = extentOf(context);
    const filter = { scopeId: filterableScope(requirePrincipal(context).access, scopeId), search };
    return { ...toConnection(await this.store.list(filter, { first, after }, reach)), filter, reach };
  }

  @Mutation(() => ServiceAccountType, {
    description:
      'Creates a service account. Needs keywright.access.manage at its scope and every permission it grants. Errors: BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD.',
  })
  createServiceAccount(
    @Ctx() context: RequestContext,
    @Arg('input', () => CreateServiceAccountInput) input: CreateServiceAccountInput,
  ): Promise<ServiceAccount> {
    return this.service.create(authorize(context, 'keywright.access.manage'), input);
  }

  @Mutation(() => ServiceAccountType, {
    description:
      'Updates a service account, with immediate effect on its keys. Needs keywright.access.manage at its scope and every permission that is added. Errors: NOT_FOUND, BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD, CONFLICT.',
  })
  updateServiceAccount(
    @Ctx() context: RequestContext,
    @Arg('input', () => UpdateServiceAccountInput) input: UpdateServiceAccountInput,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<ServiceAccount> {
    return this.service.update(authorize(context, 'keywright.access.manage'), input, expectedVersion);
  }

  @Mutation(() => Boolean, {
    description:
      'Deletes a service account whose keys are all revoked. Needs keywright.access.manage at its scope. Errors: NOT_FOUND, CONFLICT.',
  })
  deleteServiceAccount(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return this.service.delete(authorize(context, 'keywright.access.manage'), id);
  }
}
