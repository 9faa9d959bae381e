import { ScopeTree } from '../scopes/scope-tree.js';
import type { AccessExcess, ScopeNode } from '../scopes/scope.js';
import { AccessSet } from './access-set.js';
import type { Role } from './role.js';

/** A grant as it is stored: permissions or a role, at a scope. */
export interface StoredGrant {
  readonly scopeId: string;
  readonly roleId: string | null;
  readonly permissions: readonly string[];
}

/** A service account as decisions need it. */
export interface GrantHolder {
  readonly id: string;
  readonly name: string;
  readonly scopeId: string;
  readonly enabled: boolean;
  readonly grants: readonly StoredGrant[];
  /** Grows with each change that people make. */
  readonly version: number;
  /** Grants each of which bounds it as well, while it is held to less than the database says. */
  readonly heldTo?: readonly (readonly StoredGrant[])[];
  /** In what it is held to less than the database says. */
  readonly held?: readonly AccessExcess[];
}

/** Everything that grants refer to. */
export interface DirectoryContent {
  readonly scopes: Iterable<ScopeNode>;
  readonly roles: Iterable<Role>;
  readonly serviceAccounts: Iterable<GrantHolder>;
}

/** What changed in a directory: contents to put in, and ids of what exists no more. */
export interface DirectoryChange extends DirectoryContent {
  readonly removed: Iterable<string>;
}

const byId = <T extends { readonly id: string }>(items: Iterable<T>): Map<string, T> =>
  new Map([...items].map((item) => [item.id, item]));

/**
 * Scopes, roles and service accounts in memory, kept current by the change feed. A role that changes takes effect for all
 * its holders at once, since nothing is expanded in advance: `epoch` tells who keeps a result when to compute it again.
 */
export class Directory {
  readonly tree = new ScopeTree();
  private roles = new Map<string, Role>();
  private accounts = new Map<string, GrantHolder>();
  private accessOfAccounts = new Map<string, AccessSet>();
  private changes = 0;

  /** Grows with every change. */
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

  /** What grants allow; a role that is not known allows nothing. */
  expand(grants: readonly StoredGrant[]): AccessSet {
    return new AccessSet(
      this.tree,
      grants.map(({ scopeId, roleId, permissions }) => ({
        scopeId,
        permissions: roleId === null ? permissions : (this.roles.get(roleId)?.permissions ?? []),
      })),
    );
  }

  /** What a service account may do; nothing when it is not known. */
  accessOf(serviceAccountId: string): AccessSet {
    let access = this.accessOfAccounts.get(serviceAccountId);
    if (!access) {
      const { grants = [], heldTo = [] } = this.accounts.get(serviceAccountId) ?? {};
      access = heldTo.reduce((held, bound) => held.meet(this.expand(bound)), this.expand(grants));
      this.accessOfAccounts.set(serviceAccountId, access);
    }
    return access;
  }

  /** Whether keys of a service account work: it is enabled, and so is the API of everything it lies in. */
  isActive(serviceAccountId: string): boolean {
    return this.suspensionOf(serviceAccountId) === null;
  }

  /** Why keys of a service account do not work; null when they do. */
  suspensionOf(serviceAccountId: string): 'SERVICE_ACCOUNT_DISABLED' | 'API_DISABLED' | null {
    const account = this.accounts.get(serviceAccountId);
    if (!account?.enabled) return 'SERVICE_ACCOUNT_DISABLED';
    return this.tree.apiActive(account.scopeId) ? null : 'API_DISABLED';
  }

  /** Takes over a whole content at once. */
  replaceWith({ scopes, roles, serviceAccounts }: DirectoryContent): void {
    this.tree.replaceWith(new ScopeTree(scopes));
    this.roles = byId(roles);
    this.accounts = byId(serviceAccounts);
    this.changed();
  }

  /** Takes in what changed. */
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
