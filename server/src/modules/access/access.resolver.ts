import { Ctx, Query, Resolver } from 'type-graphql';
import type { AccessStore } from './access-store.postgres.js';
import { PermissionType, RoleType } from './grant.type.js';
import { requirePrincipal, type RequestContext } from './principal.js';

/** Reads the permission catalogue and the roles. */
@Resolver()
export class AccessResolver {
  constructor(private readonly store: AccessStore) {}

  @Query(() => [PermissionType], { description: 'The permission catalogue. Any signed-in caller.' })
  async permissions(@Ctx() context: RequestContext): Promise<unknown[]> {
    requirePrincipal(context);
    return this.store.permissions();
  }

  @Query(() => [RoleType], { description: 'All roles. Any signed-in caller.' })
  async roles(@Ctx() context: RequestContext): Promise<unknown[]> {
    requirePrincipal(context);
    return this.store.roles();
  }
}
