import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import type { ScopeTree } from '../../scopes/tree/scope-tree.js';
import { meetPermissions, PermissionSet } from './permission.js';

/** Permissions at one scope; they apply there and everywhere below. */
export interface ScopedPermissions {
  readonly scopeId: string;
  readonly permissions: readonly string[];
}

/** Where a permission is held: everywhere, or only within these scopes. */
export type Reach = 'EVERYTHING' | readonly string[];

/**
 * The permissions of a user, service account or key, and where each applies: the sum of their grants. All three use
 * this one model. Ancestor checks use the in-memory tree.
 */
export class AccessSet {
  private readonly byScope: ReadonlyMap<string, PermissionSet>;
  /** Every permission held at any scope. */
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

  /** Whether any permission is held at a scope. Holding one makes the scope visible. */
  reaches(scopeId: string): boolean {
    return this.tree.someUpwards(scopeId, ({ id }) => this.byScope.has(id));
  }

  /** The topmost scopes where the permission is held; none lies within another. An empty list if it is held nowhere. */
  reach(permission: string): Reach {
    return this.reachOf((held) => held.covers(permission));
  }

  /** The topmost scopes where any permission is held. */
  get extent(): Reach {
    return this.reachOf(() => true);
  }

  /** All permissions held at a scope, sorted. */
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

  /** The intersection of both sets: the scopes where they overlap, with the permissions that both allow there. */
  meet(other: AccessSet): AccessSet {
    return new AccessSet(this.tree, [...this.below(other, true), ...other.below(this, false)]);
  }

  /** The permissions of the other set that this set does not hold, by scope. */
  missing(other: AccessSet): ScopedPermissions[] {
    return other
      .entries()
      .map(({ scopeId, permissions }) => ({
        scopeId,
        permissions: permissions.filter((name) => !this.holdsAt(name, scopeId)),
      }))
      .filter(({ permissions }) => permissions.length > 0);
  }

  /** The customer that contains everything held; null if nothing is held, or it spans several customers or the root. */
  get customerId(): string | null {
    const customers = new Set([...this.byScope.keys()].map((scopeId) => this.tree.customerOf(scopeId)));
    const [first = null] = customers;
    return customers.size === 1 ? first : null;
  }

  /** Equal for equal permissions; used to detect changes. */
  get fingerprint(): string {
    return this.entries()
      .map(({ scopeId, permissions }) => `${scopeId}: ${permissions.join(' ')}`)
      .sort()
      .join('; ');
  }

  /**
   * For each scope of this set that is below (or equal to) a scope of the other set: the permissions that both allow
   * there.
   */
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
