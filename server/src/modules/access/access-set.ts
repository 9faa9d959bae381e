import { ROOT_SCOPE } from '../scopes/scope.js';
import type { ScopeTree } from '../scopes/scope-tree.js';
import { meetPermissions, PermissionSet } from './permission.js';

/** Permissions at one scope; they hold there and everywhere below. */
export interface ScopedPermissions {
  readonly scopeId: string;
  readonly permissions: readonly string[];
}

/** How far a permission reaches: everywhere, or only within these scopes. */
export type Reach = 'EVERYTHING' | readonly string[];

/**
 * What somebody may do, and where: the sum of grants of a user, a service account or a key. One model decides for all of
 * them. Ancestor tests go to the tree in memory.
 */
export class AccessSet {
  private readonly byScope: ReadonlyMap<string, PermissionSet>;
  /** What is held at any scope at all. */
  readonly anywhere: PermissionSet;

  constructor(
    private readonly tree: ScopeTree,
    entries: Iterable<ScopedPermissions>,
  ) {
    const byScope = new Map<string, Set<string>>();
    const all = new Set<string>();
    for (const { scopeId, permissions } of entries) {
      if (permissions.length === 0) continue;
      const names = byScope.get(scopeId) ?? new Set();
      byScope.set(scopeId, names);
      for (const name of permissions) {
        names.add(name);
        all.add(name);
      }
    }
    this.byScope = new Map([...byScope].map(([scopeId, names]) => [scopeId, new PermissionSet(names)]));
    this.anywhere = new PermissionSet(all);
  }

  /** Whether the permission, or the whole wildcard, is held at a scope. */
  holdsAt(permission: string, scopeId: string): boolean {
    return this.tree.someUpwards(scopeId, ({ id }) => this.byScope.get(id)?.covers(permission) === true);
  }

  /** Whether the permission is held for the whole installation. */
  holdsEverywhere(permission: string): boolean {
    return this.byScope.get(ROOT_SCOPE.id)?.covers(permission) === true;
  }

  /** Whether the permission is held at some scope. */
  holdsAnywhere(permission: string): boolean {
    return this.anywhere.covers(permission);
  }

  /** Whether anything at all is held at a scope: who holds something there may know that it exists. */
  reaches(scopeId: string): boolean {
    return this.tree.someUpwards(scopeId, ({ id }) => this.byScope.has(id));
  }

  /** Where the permission is held; none of these scopes lies within another. Held nowhere: an empty list, which reaches nothing. */
  reach(permission: string): Reach {
    return this.reachOf((held) => held.covers(permission));
  }

  /** Where anything at all is held. */
  get extent(): Reach {
    return this.reachOf(() => true);
  }

  /** Everything held at a scope, sorted. */
  listAt(scopeId: string): string[] {
    const names = new Set<string>();
    this.tree.someUpwards(scopeId, ({ id }) => {
      for (const name of this.byScope.get(id)?.list() ?? []) names.add(name);
      return false;
    });
    return [...names].sort();
  }

  /** The permissions, scope by scope. */
  entries(): ScopedPermissions[] {
    return [...this.byScope].map(([scopeId, held]) => ({ scopeId, permissions: held.list() }));
  }

  /** What both sets allow: where their scopes meet, and there what both permit. */
  meet(other: AccessSet): AccessSet {
    return new AccessSet(this.tree, [...this.below(other, true), ...other.below(this, false)]);
  }

  /** What of another set is not held here, scope by scope. */
  missing(other: AccessSet): ScopedPermissions[] {
    return other
      .entries()
      .map(({ scopeId, permissions }) => ({
        scopeId,
        permissions: permissions.filter((name) => !this.holdsAt(name, scopeId)),
      }))
      .filter(({ permissions }) => permissions.length > 0);
  }

  /** The customer that everything held lies in; null: nothing is held, or it lies in more than one, or above. */
  get customerId(): string | null {
    const customers = new Set([...this.byScope.keys()].map((scopeId) => this.tree.customerOf(scopeId)));
    const [first = null] = customers;
    return customers.size === 1 ? first : null;
  }

  /** A text that is the same for the same rights, to notice that they changed. */
  get fingerprint(): string {
    return this.entries()
      .map(({ scopeId, permissions }) => `${scopeId}: ${permissions.join(' ')}`)
      .sort()
      .join('; ');
  }

  /** Where a scope of this set is, or lies below, one of the other set: what both permit there. */
  private *below(other: AccessSet, orSame: boolean): Generator<ScopedPermissions> {
    for (const [scopeId, held] of this.byScope) {
      for (const { id } of this.tree.pathOf(scopeId)) {
        const otherHeld = orSame || id !== scopeId ? other.byScope.get(id) : undefined;
        if (otherHeld) yield { scopeId, permissions: meetPermissions(held, otherHeld) };
      }
    }
  }

  private reachOf(test: (held: PermissionSet) => boolean): Reach {
    const ids = [...this.byScope].filter(([, held]) => test(held)).map(([id]) => id);
    if (ids.includes(ROOT_SCOPE.id)) return 'EVERYTHING';
    return ids.filter((id) => !ids.some((other) => other !== id && this.tree.isWithin(id, other)));
  }
}
