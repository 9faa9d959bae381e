import { ScopeTree } from '../../scopes/tree/scope-tree.js';
import type { AccessExcess, ScopeNode } from '../../scopes/tree/scope.js';
import { AccessSet } from './access-set.js';
import type { Role } from './role.js';

/** A grant as it is stored: permissions or a role, at a scope. */
export interface StoredGrant {
  readonly scopeId: string;
  readonly roleId: string | null;
  readonly permissions: readonly string[];
}

/** A service account, reduced to what access decisions need. */
export interface GrantHolder {
  readonly id: string;
  readonly name: string;
  readonly scopeId: string;
  readonly enabled: boolean;
  readonly grants: readonly StoredGrant[];
  /** Incremented by every edit. */
  readonly version: number;
  /** Further lists of grants, each an additional bound while a hold restricts the account below its database state. */
  readonly heldTo?: readonly (readonly StoredGrant[])[];
  /** The ways in which a hold restricts the account below its database state. */
  readonly held?: readonly AccessExcess[];
}

/** Everything that grants refer to. */
export interface DirectoryContent {
  readonly scopes: Iterable<ScopeNode>;
  readonly roles: Iterable<Role>;
  readonly serviceAccounts: Iterable<GrantHolder>;
}

/** A change of a directory: entries to add or replace, and ids of deleted ones. */
export interface DirectoryChange extends DirectoryContent {
  readonly removed: Iterable<string>;
}

const byId = <T extends { readonly id: string }>(items: Iterable<T>): Map<string, T> =>
  new Map([...items].map((item) => [item.id, item]));

/**
 * Scopes, roles and service accounts in memory, kept current by the change feed. A changed role takes effect
 * immediately for all its holders because nothing is expanded in advance; callers that cache a result recompute it when
 * `epoch` changes.
 */
export class Directory {
  readonly tree = new ScopeTree();
  private roles = new Map<string, Role>();
  private accounts = new Map<string, GrantHolder>();
  private accessOfAccounts = new Map<string, AccessSet>();
  private changes = 0;

  /** Incremented by every change. */
  get epoch(): number {
    return this.changes;
  }

  /** The role with this id. */
  role(id: string): Role | undefined {
    return this.roles.get(id);
  }

  /** The service account with this id. */
  serviceAccount(id: string): GrantHolder | undefined {
    return this.accounts.get(id);
  }

  /** Expands grants to permissions; an unknown role allows nothing. */
  expand(grants: readonly StoredGrant[]): AccessSet {
    return new AccessSet(
      this.tree,
      grants.map(({ scopeId, roleId, permissions }) => ({
        scopeId,
        permissions: roleId === null ? permissions : (this.roles.get(roleId)?.permissions ?? []),
      })),
    );
  }

  /** The permissions of a service account; none if it is unknown. */
  accessOf(serviceAccountId: string): AccessSet {
    let access = this.accessOfAccounts.get(serviceAccountId);
    if (!access) {
      const { grants = [], heldTo = [] } = this.accounts.get(serviceAccountId) ?? {};
      access = heldTo.reduce((held, bound) => held.meet(this.expand(bound)), this.expand(grants));
      this.accessOfAccounts.set(serviceAccountId, access);
    }
    return access;
  }

  /** Whether keys of a service account work: the account is enabled, and so is the API of every scope above it. */
  isActive(serviceAccountId: string): boolean {
    return this.suspensionOf(serviceAccountId) === null;
  }

  /** Why keys of a service account do not work; null if they do. */
  suspensionOf(serviceAccountId: string): 'SERVICE_ACCOUNT_DISABLED' | 'API_DISABLED' | null {
    const account = this.accounts.get(serviceAccountId);
    if (!account?.enabled) return 'SERVICE_ACCOUNT_DISABLED';
    return this.tree.apiActive(account.scopeId) ? null : 'API_DISABLED';
  }

  /** Replaces the whole content atomically. */
  replaceWith({ scopes, roles, serviceAccounts }: DirectoryContent): void {
    this.tree.replaceWith(new ScopeTree(scopes));
    this.roles = byId(roles);
    this.accounts = byId(serviceAccounts);
    this.changed();
  }

  /** Applies a change. */
  apply({ scopes, roles, serviceAccounts, removed }: DirectoryChange): void {
    for (const id of removed) {
      this.tree.remove(id);
      this.roles.delete(id);
      this.accounts.delete(id);
    }
    this.tree.put(scopes);
    for (const role of roles) this.roles.set(role.id, role);
    for (const account of serviceAccounts) this.accounts.set(account.id, account);
    this.changed();
  }

  private changed(): void {
    this.accessOfAccounts = new Map();
    this.changes += 1;
  }
}
