import type { GraphQLResolveInfo } from 'graphql';
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  Int,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { AccessSet, Reach } from '../access/decide/access-set.js';
import { filterableScope } from '../access/decide/grant.js';
import { authorize, type RequestContext } from '../access/decide/principal.js';
import { BigIntScalar } from '../scalars/big-int.js';
import { toConnection } from '../graphql-types/connection.js';
import { ApiKeyFilterInput, ApiKeySortInput } from './key-filter.input.js';
import type { KeyCounts, KeyFilter } from './key-filter.js';
import type { ApiKey } from './key.js';
import { visibleKey } from './key-loader.js';
import type { KeyStore } from './key-store.js';
import { ApiKeyConnection, ApiKeyCountsType, ApiKeyType } from './key.type.js';

/** Paging, filter and order of the list of keys. */
@ArgsType()
class KeyListArgs {
  @Field(() => ApiKeyFilterInput, { nullable: true, description: 'Which keys to return.' })
  filter?: ApiKeyFilterInput | null;

  @Field(() => ApiKeySortInput, { nullable: true, description: 'Sort order; newest first by default.' })
  sort?: ApiKeySortInput | null;

  @Field(() => Int, { nullable: true, description: 'Page size, 1 to 100; 50 by default.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Rows after this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: 'Page size when reading backwards, 1 to 100.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Rows before this cursor.' })
  before?: string | null;
}

/** The filter as it applies to a caller: scopes that the caller cannot see match nothing. */
const visibleFilter = (access: AccessSet, filter: KeyFilter | null | undefined): KeyFilter => ({
  ...filter,
  scopeId: filterableScope(access, filter?.scopeId),
  withinScopeId: filterableScope(access, filter?.withinScopeId),
  grantsWithin: access.extent === 'EVERYTHING' ? undefined : access.extent,
});

type Selected = Pick<GraphQLResolveInfo, 'fieldNodes'>;

/** A page with the query for its total, or the total if it is known. */
interface Counted {
  readonly filter: KeyFilter;
  readonly reach: Reach;
  readonly count: number | undefined;
}

/** Whether the field is selected by name; one inside a fragment is found when it is resolved. */
const selects = (info: Selected, field: string): boolean =>
  info.fieldNodes.some((node) =>
    node.selectionSet?.selections.some((chosen) => chosen.kind === 'Field' && chosen.name.value === field),
  );

/** Reads keys. */
@Resolver(() => ApiKeyType)
export class KeyResolver {
  constructor(private readonly store: KeyStore) {}

  @Query(() => ApiKeyType, {
    nullable: true,
    description: 'One key. Needs keywright.keys.read at its scope.',
  })
  apiKey(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<ApiKey | null> {
    return visibleKey(context, this.store, id);
  }

  @Query(() => ApiKeyConnection, {
    description:
      'A page of the keys at scopes where the caller holds keywright.keys.read, newest first by default.',
  })
  async apiKeys(
    @Ctx() context: RequestContext,
    @Args(() => KeyListArgs) args: KeyListArgs,
    @Info() info: Selected,
  ): Promise<Counted> {
    const { access } = authorize(context, 'keywright.keys.read');
    const reach = access.reach('keywright.keys.read');
    const sort = args.sort ?? { field: 'CREATED', direction: 'DESC' };
    const filter = visibleFilter(access, args.filter);
    // Counts concurrently with reading the page, and only if requested.
    const [page, count] = await Promise.all([
      this.store.list(filter, sort, args, reach),
      selects(info, 'totalCount') ? this.store.count(filter, reach) : undefined,
    ]);
    return { ...toConnection(page), filter, reach, count };
  }

  @Query(() => ApiKeyCountsType, {
    description:
      'Number of matching keys by status; the status in the filter is ignored. Counts keys at scopes where the caller holds keywright.keys.read.',
  })
  async apiKeyCounts(
    @Ctx() context: RequestContext,
    @Arg('filter', () => ApiKeyFilterInput, { nullable: true }) filter: ApiKeyFilterInput | null,
  ): Promise<KeyCounts> {
    const { access } = authorize(context, 'keywright.keys.read');
    return this.store.counts(visibleFilter(access, filter), access.reach('keywright.keys.read'));
  }
}

/** Counts the matching keys. */
@Resolver(() => ApiKeyConnection)
export class KeyConnectionResolver {
  constructor(private readonly store: KeyStore) {}

  @FieldResolver(() => BigIntScalar, { description: 'All keys that match the filter.' })
  totalCount(@Root() { count, filter, reach }: Counted): number | Promise<number> {
    return count ?? this.store.count(filter, reach);
  }
}
