import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../../core/per-request.js';
import type { AccessStore, PermissionEntry } from '../decide/access-store.postgres.js';
import { PermissionType, RoleType } from '../decide/grant.type.js';
import { authorizeAt, requirePrincipal, type RequestContext } from '../decide/principal.js';
import type { Role } from '../decide/role.js';
import type { PermissionService } from './permission-service.js';
import { EXPECTED_VERSION } from '../../graphql-types/expected-version.js';
import { CreateRoleInput, SavePermissionInput, UpdateRoleInput } from './role.input.js';
import type { RoleService } from './role-service.js';
import type { RoleStore } from './role-store.postgres.js';

/** Reads and changes roles. */
@Resolver(() => RoleType)
export class RoleResolver {
  constructor(
    private readonly store: RoleStore,
    private readonly service: RoleService,
  ) {}

  @Query(() => [RoleType], { description: 'All roles. Available to any authenticated caller.' })
  roles(@Ctx() context: RequestContext): Promise<Role[]> {
    requirePrincipal(context);
    return this.store.list();
  }

  @FieldResolver(() => Int, {
    description:
      'Number of users, service accounts and keys (not revoked) that hold the role at scopes visible to the caller.',
  })
  holderCount(@Root() role: Role, @Ctx() context: RequestContext): Promise<number> {
    const { access } = requirePrincipal(context);
    return perRequest(
      context,
      RoleResolver,
      () => new DataLoader<string, number>((ids) => this.store.holderCounts(ids, access.extent)),
    ).load(role.id);
  }

  @Mutation(() => RoleType, {
    description:
      'Creates a role. Needs keywright.access.manage at the root and every permission in the role. Errors: BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD.',
  })
  createRole(
    @Ctx() context: RequestContext,
    @Arg('input', () => CreateRoleInput) input: CreateRoleInput,
  ): Promise<Role> {
    return this.service.create(authorizeAt(context, 'keywright.access.manage'), input);
  }

  @Mutation(() => RoleType, {
    description:
      'Updates a role that is not built in, with immediate effect for all its holders. Needs keywright.access.manage at the root and every permission that is added or removed; to rename it, every permission in the role. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD, CONFLICT.',
  })
  updateRole(
    @Ctx() context: RequestContext,
    @Arg('input', () => UpdateRoleInput) input: UpdateRoleInput,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<Role> {
    return this.service.update(authorizeAt(context, 'keywright.access.manage'), input, expectedVersion);
  }

  @Mutation(() => Boolean, {
    description:
      'Deletes a role that has no holders. Needs keywright.access.manage at the root. Errors: NOT_FOUND, FORBIDDEN, CONFLICT, which names its holders.',
  })
  deleteRole(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return this.service.delete(authorizeAt(context, 'keywright.access.manage'), id);
  }
}

/** Reads and changes the permission catalog. */
@Resolver()
export class PermissionResolver {
  constructor(
    private readonly store: AccessStore,
    private readonly service: PermissionService,
  ) {}

  @Query(() => [PermissionType], {
    description: 'The permission catalog. Available to any authenticated caller.',
  })
  permissions(@Ctx() context: RequestContext): Promise<PermissionEntry[]> {
    requirePrincipal(context);
    return this.store.permissions();
  }

  @Mutation(() => PermissionType, {
    description:
      'Creates or updates the catalog entry with this name. Needs keywright.access.manage at the root. With expectedVersion 0 it only creates. Errors: BAD_USER_INPUT, FORBIDDEN for built-in entries, CONFLICT.',
  })
  savePermission(
    @Ctx() context: RequestContext,
    @Arg('input', () => SavePermissionInput) input: SavePermissionInput,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<PermissionEntry> {
    return this.service.save(authorizeAt(context, 'keywright.access.manage'), input, expectedVersion);
  }

  @Mutation(() => Boolean, {
    description:
      'Deletes an entry that has no holders and is not required by any route rule. Needs keywright.access.manage at the root. Errors: NOT_FOUND, FORBIDDEN for built-in entries, CONFLICT, which names its holders or those route rules.',
  })
  deletePermission(
    @Ctx() context: RequestContext,
    @Arg('name', () => String) name: string,
  ): Promise<boolean> {
    return this.service.delete(authorizeAt(context, 'keywright.access.manage'), name);
  }
}
