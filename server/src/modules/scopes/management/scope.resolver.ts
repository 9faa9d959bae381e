import DataLoader from 'dataloader';
import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../../core/per-request.js';
import type { Directory } from '../../access/decide/directory.js';
import { seesScope } from '../../access/decide/grant.js';
import { requirePrincipal, type RequestContext } from '../../access/decide/principal.js';
import { MAX_PAGE_SIZE } from '../../../core/page.js';
import { BigIntScalar } from '../../scalars/big-int.js';
import type { ScopeNode } from '../tree/scope.js';
import { ScopeType } from '../tree/scope.type.js';
import type { ScopeCounts, ScopeFilter, ScopeStore } from './scope-store.postgres.js';
import type { Reach } from '../../access/decide/access-set.js';
import { ScopeConnection } from './scope.type.js';

/** Position of a scope in the tree, and what is below it. */
@Resolver(() => ScopeType)
export class ScopeResolver {
  constructor(
    private readonly store: ScopeStore,
    private readonly directory: Directory,
    private readonly maximumKeysPerCustomer: number | undefined,
  ) {}

  @FieldResolver(() => ScopeType, {
    nullable: true,
    description: 'The parent scope; null for the root and if the caller cannot see it.',
  })
  parent(@Root() node: ScopeNode, @Ctx() context: RequestContext): ScopeNode | null {
    const { access } = requirePrincipal(context);
    const { parentId } = node;
    return parentId !== null && access.reaches(parentId) ? (this.directory.tree.get(parentId) ?? null) : null;
  }

  @FieldResolver(() => [ScopeType], {
    description: 'Path from the topmost scope that the caller can see down to this one.',
  })
  path(@Root() node: ScopeNode, @Ctx() context: RequestContext): ScopeNode[] {
    const { access } = requirePrincipal(context);
    return this.directory.tree.pathOf(node.id).filter(({ id }) => id === node.id || access.reaches(id));
  }

  @FieldResolver(() => [ScopeType], {
    description: 'Direct children by name, at most 100; see scopesConnection for more.',
  })
  children(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<readonly ScopeNode[]> {
    const { extent } = requirePrincipal(context).access;
    const loader = perRequest(
      context,
      'scopes directly below',
      () =>
        new DataLoader<string, readonly ScopeNode[]>(
          (ids) => this.store.childrenOf(ids, MAX_PAGE_SIZE, extent),
          {
            // A later mutation of the same request may have changed them.
            cache: false,
          },
        ),
    );
    return loader.load(node.id);
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether this switch and all those above it are on; otherwise keys of its service accounts are rejected.',
  })
  apiActive(@Root() node: ScopeNode): boolean {
    return this.directory.tree.apiActive(node.id);
  }

  @FieldResolver(() => Int, { description: 'Number of keys here and below, not counting revoked ones.' })
  async keyCount(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<number> {
    return (await this.counts(node, context)).keys;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'Current maximum number of keys of this customer: its own, or KEYWRIGHT_MAX_KEYS_PER_CUSTOMER. Null for other kinds and without a limit.',
  })
  keyLimit(@Root() { kind, maximumKeys }: ScopeNode): number | null {
    return kind === 'CUSTOMER' ? (maximumKeys ?? this.maximumKeysPerCustomer ?? null) : null;
  }

  @FieldResolver(() => Int, { description: 'Number of service accounts here and below.' })
  async serviceAccountCount(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<number> {
    return (await this.counts(node, context)).serviceAccounts;
  }

  @FieldResolver(() => Int, { description: 'Number of direct children.' })
  async childCount(@Root() node: ScopeNode, @Ctx() context: RequestContext): Promise<number> {
    return (await this.counts(node, context)).children;
  }

  /** Counts are only for callers who see the whole scope; the root is visible to everyone, but its counts are not. */
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

/** A page, with what is needed to count the total. */
export interface ListedScopes {
  readonly filter: ScopeFilter;
  readonly reach: Reach;
}

/** Counts the matching scopes. */
@Resolver(() => ScopeConnection)
export class ScopeConnectionResolver {
  constructor(private readonly store: ScopeStore) {}

  @FieldResolver(() => BigIntScalar, { description: 'Total number of matching scopes.' })
  totalCount(@Root() { filter, reach }: ListedScopes): Promise<number> {
    return this.store.count(filter, reach);
  }
}

/** Whether a caller can look up a scope by its id. */
export const visibleScope = (
  directory: Directory,
  { access }: ReturnType<typeof requirePrincipal>,
  id: string,
): ScopeNode | null => (seesScope(access, id) ? (directory.tree.get(id) ?? null) : null);
