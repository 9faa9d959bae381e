import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { MAX_PAGE_SIZE } from '../../../core/page.js';
import type { Reach } from '../../access/decide/access-set.js';
import type { Directory } from '../../access/decide/directory.js';
import { seesScope } from '../../access/decide/grant.js';
import { authorize, requirePrincipal, type RequestContext } from '../../access/decide/principal.js';
import { toConnection } from '../../graphql-types/connection.js';
import type { ScopeKind, ScopeNode } from '../tree/scope.js';
import { ScopeKindEnum, ScopeType } from '../tree/scope.type.js';
import { EXPECTED_VERSION } from '../../graphql-types/expected-version.js';
import { CreateScopeInput, UpdateScopeInput } from './scope.input.js';
import { visibleScope } from './scope.resolver.js';
import type { ScopeService } from './scope-service.js';
import type { ScopeStore } from './scope-store.postgres.js';
import { ScopeConnection } from './scope.type.js';

/** What a caller can see; nothing below a scope that the caller cannot see. */
const extentBelow = (
  { access }: ReturnType<typeof requirePrincipal>,
  parentId: string | null | undefined,
): Reach => (parentId == null || seesScope(access, parentId) ? access.extent : []);

/** Reads and changes the scope tree. */
@Resolver()
export class ScopeTreeResolver {
  constructor(
    private readonly store: ScopeStore,
    private readonly directory: Directory,
    private readonly service: ScopeService,
  ) {}

  @Query(() => ScopeType, {
    nullable: true,
    description: 'One scope. Available to any caller with a permission there or above.',
  })
  scope(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): ScopeNode | null {
    return visibleScope(this.directory, requirePrincipal(context), id);
  }

  @Query(() => [ScopeType], {
    description:
      'At most 100 scopes by name: the direct children of this one, or all that the caller can see. Available to any authenticated caller.',
  })
  async scopes(
    @Ctx() context: RequestContext,
    @Arg('parentId', () => ID, { nullable: true }) parentId: string | null,
    @Arg('kind', () => ScopeKindEnum, { nullable: true }) kind: ScopeKind | null,
    @Arg('search', () => String, { nullable: true }) search: string | null,
  ): Promise<readonly ScopeNode[]> {
    const reach = extentBelow(requirePrincipal(context), parentId);
    return (await this.store.list({ parentId, kind, search }, { first: MAX_PAGE_SIZE }, reach)).rows;
  }

  @Query(() => ScopeConnection, {
    description:
      'Scopes by name: the direct children of this one, or all that the caller can see. Available to any authenticated caller.',
  })
  async scopesConnection(
    @Ctx() context: RequestContext,
    @Arg('parentId', () => ID, { nullable: true }) parentId: string | null,
    @Arg('kind', () => ScopeKindEnum, { nullable: true }) kind: ScopeKind | null,
    @Arg('search', () => String, { nullable: true }) search: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    const reach = extentBelow(requirePrincipal(context), parentId);
    const filter = { parentId, kind, search };
    const page = await this.store.list(filter, { first, after }, reach);
    return { ...toConnection(page), filter, reach };
  }

  @Mutation(() => ScopeType, {
    description:
      'Creates a customer, organization or account. Needs keywright.access.manage at the parent. Errors: BAD_USER_INPUT, NAME_TAKEN.',
  })
  createScope(
    @Ctx() context: RequestContext,
    @Arg('input', () => CreateScopeInput) input: CreateScopeInput,
  ): Promise<ScopeNode> {
    return this.service.create(authorize(context, 'keywright.access.manage'), input);
  }

  @Mutation(() => ScopeType, {
    description:
      'Renames or moves a scope. Needs keywright.access.manage there; to move it, also at both parents, and every permission that anyone gains at the scope through the move. Errors: NOT_FOUND, GRANT_NOT_HELD, BAD_USER_INPUT, NAME_TAKEN, CONFLICT, LICENSE_LIMIT_REACHED if the new customer has no room for the keys.',
  })
  updateScope(
    @Ctx() context: RequestContext,
    @Arg('input', () => UpdateScopeInput) input: UpdateScopeInput,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<ScopeNode> {
    return this.service.update(authorize(context, 'keywright.access.manage'), input, expectedVersion);
  }

  @Mutation(() => Boolean, {
    description:
      'Deletes an unused scope. Needs keywright.access.manage at its parent. Errors: NOT_FOUND, CONFLICT, which lists what still uses it.',
  })
  deleteScope(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return this.service.delete(authorize(context, 'keywright.access.manage'), id);
  }

  @Mutation(() => ScopeType, {
    description:
      'Switches the API of a customer or organization on or off, with immediate effect: while it is off, keys of service accounts there and below are rejected. Needs keywright.access.manage there; to switch it on, also every permission of the service accounts whose keys start to work again. Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD.',
  })
  setScopeApiEnabled(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('enabled', () => Boolean) enabled: boolean,
  ): Promise<ScopeNode> {
    return this.service.setApiEnabled(authorize(context, 'keywright.access.manage'), id, enabled);
  }
}
