import DataLoader from 'dataloader';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../core/per-request.js';
import type { AccessStore, PermissionEntry } from '../access/access-store.postgres.js';
import { PermissionType, RoleType } from '../access/grant.type.js';
import { authorizeAt, requirePrincipal, type RequestContext } from '../access/principal.js';
import type { Role } from '../access/role.js';
import type { PermissionService } from './permission-service.js';
import { EXPECTED_VERSION } from '../scalars/expected-version.js';
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

  @Query(() => [RoleType], { description: 'All roles. Any signed-in caller.' })
  roles(@Ctx() context: RequestContext): Promise<Role[]> {
    requirePrincipal(context);
    return this.store.list();
  }

  @FieldResolver(() => Int, {
    description:
      'Users, service accounts and keys (not revoked) that hold it at scopes where the caller holds anything.',
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
      'Creates a role. Needs keywright.access.manage at the root and everything in it. Errors: BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD.',
  })
  createRole(
    @Ctx() context: RequestContext,
    @Arg('input', () => CreateRoleInput) input: CreateRoleInput,
  ): Promise<Role> {
    return this.service.create(authorizeAt(context, 'keywright.access.manage'), input);
  }

  @Mutation(() => RoleType, {
    description:
      'Changes a role that is not built in; all its holders follow at once. Needs keywright.access.manage at the root and everything that is added or taken; to rename it, everything in it. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD, CONFLICT.',
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
      'Deletes a role that nobody holds. Needs keywright.access.manage at the root. Errors: NOT_FOUND, FORBIDDEN, CONFLICT, which names who holds it.',
  })
  deleteRole(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return this.service.delete(authorizeAt(context, 'keywright.access.manage'), id);
  }
}

/** Reads and changes the permission catalogue. */
@Resolver()
export class PermissionResolver {
  constructor(
    private readonly store: AccessStore,
    private readonly service: PermissionService,
  ) {}

  @Query(() => [PermissionType], { description: 'The permission catalogue. Any signed-in caller.' })
  permissions(@Ctx() context: RequestContext): Promise<PermissionEntry[]> {
    requirePrincipal(context);
    return this.store.permissions();
  }

  @Mutation(() => PermissionType, {
    description:
      'Creates an entry of the catalogue, or changes the one of this name. Needs keywright.access.manage at the root. expectedVersion 0: only creates. Errors: BAD_USER_INPUT, FORBIDDEN for built-in ones, CONFLICT.',
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
      'Deletes an entry that nobody holds and no route rule asks for. Needs keywright.access.manage at the root. Errors: NOT_FOUND, FORBIDDEN for built-in ones, CONFLICT, which names who holds it or asks for it.',
  })
  deletePermission(
    @Ctx() context: RequestContext,
    @Arg('name', () => String) name: string,
  ): Promise<boolean> {
    return this.service.delete(authorizeAt(context, 'keywright.access.manage'), name);
  }
}
