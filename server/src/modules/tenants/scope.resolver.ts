import DataLoader from 'dataloader';
import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../core/per-request.js';
import type { Directory } from '../access/directory.js';
import { seesScope } from '../access/grant.js';
import { requirePrincipal, type RequestContext } from '../access/principal.js';
import { MAX_PAGE } from '../../core/page.js';
import { BigIntScalar } from '../scalars/big-int.js';
import type { ScopeNode } from '../scopes/scope.js';
import { ScopeType } from '../scopes/scope.type.js';
import type { ScopeCounts, ScopeFilter, ScopeStore } from './scope-store.postgres.js';
import type { Reach } from '../access/access-set.js';
import { ScopeConnection } from './scope.type.js';

/** Where a scope stands in the tree, and what lies below it. */
@Resolver(() => ScopeType)
export class ScopeResolver {
  constructor(
    private readonly store: ScopeStore,
    private readonly directory: Directory,
    private readonly maximumKeysPerCustomer: number | undefined,
  ) {}

  @FieldResolver(() => ScopeType, {
    nullable: true,
    description: 'The scope above; null for the root and where the caller may not see it.',
  })
  parent(@Root() node: ScopeNode, @Ctx() context: RequestContext): ScopeNode | null {
    const { access } = requirePrincipal(context);
    const { parentId } = node;
    return parentId !== null && access.reaches(parentId) ? (this.directory.tree.get(parentId) ?? null) : null;
  }

  @FieldResolver(() => [ScopeType], {
    description: 'From the topmost scope that the caller may see down to this one.',
  })
  path(@Root() node: ScopeNode, @Ctx() context: RequestContext): ScopeNode[] {
    const { access } = requirePrincipal(context);
    return this.directory.tree.pathOf(node.id).filter(({ id }) => id === node.id || access.reaches(id));
  }

  @FieldResolver(() => [ScopeType], {
    description: 'Scopes directly below, by name, at most 100; see scopesConnection for more.',
  })
  children(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<readonly ScopeNode[]> {
    const { extent } = requirePrincipal(context).access;
    const loader = perRequest(
      context,
      'scopes directly below',
      () =>
        new DataLoader<string, readonly ScopeNode[]>((ids) => this.store.childrenOf(ids, MAX_PAGE, extent), {
          // A mutation further on may have changed them.
          cache: false,
        }),
    );
    return loader.load(node.id);
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether this switch and all those above it are on: only then do keys of its service accounts verify.',
  })
  apiActive(@Root() node: ScopeNode): boolean {
    return this.directory.tree.apiActive(node.id);
  }

  @FieldResolver(() => Int, { description: 'Keys, not revoked, that lie here or below.' })
  async keyCount(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<number> {
    return (await this.counts(node, context)).keys;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'Most keys that this customer can have right now: its own maximum, or KEYWRIGHT_MAX_KEYS_PER_CUSTOMER. Null for other kinds, and where there is no limit.',
  })
  keyLimit(@Root() { kind, maximumKeys }: ScopeNode): number | null {
    return kind === 'CUSTOMER' ? (maximumKeys ?? this.maximumKeysPerCustomer ?? null) : null;
  }

  @FieldResolver(() => Int, { description: 'Service accounts that lie here or below.' })
  async serviceAccountCount(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<number> {
    return (await this.counts(node, context)).serviceAccounts;
  }

  @FieldResolver(() => Int, { description: 'Scopes directly below.' })
  async childCount(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<number> {
    return (await this.counts(node, context)).children;
  }

  /** Counts are for those who see the whole of the scope; of the root, which everyone may know of, others see none. */
  private counts(node: ScopeNode, context: RequestContext): Promise<ScopeCounts> {
    const { access } = requirePrincipal(context);
    if (!access.reaches(node.id)) return Promise.resolve({ keys: 0, serviceAccounts: 0, children: 0 });
    return perRequest(
      context,
      ScopeResolver,
      () => new DataLoader<string, ScopeCounts>((ids) => this.store.counts(ids)),
    ).load(node.id);
  }
}

/** A page with what its total is counted from. */
export interface ListedScopes {
  readonly filter: ScopeFilter;
  readonly reach: Reach;
}

/** Counts what matches. */
@Resolver(() => ScopeConnection)
export class ScopeConnectionResolver {
  constructor(private readonly store: ScopeStore) {}

  @FieldResolver(() => BigIntScalar, { description: 'All scopes that match.' })
  totalCount(@Root() { filter, reach }: ListedScopes): Promise<number> {
    return this.store.count(filter, reach);
  }
}

/** Whether a principal may look at a scope by its id. */
export const visibleScope = (
  directory: Directory,
  { access }: ReturnType<typeof requirePrincipal>,
  id: string,
): ScopeNode | null => (seesScope(access, id) ? (directory.tree.get(id) ?? null) : null);
