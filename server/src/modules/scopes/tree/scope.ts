/** A level of the tree customer > organization > account; the root stands for the whole installation. */
export type ScopeKind = 'ROOT' | 'CUSTOMER' | 'ORGANIZATION' | 'ACCOUNT';

/** A node of the scope tree. */
export interface Scope {
  readonly id: string;
  readonly kind: ScopeKind;
  readonly name: string;
}

/**
 * The ways in which a service account, role or scope allows more than before because a restored database lost a change.
 */
export type AccessExcess = 'DISABLED' | 'API_DISABLED' | 'ACCESS' | 'MOVED';

/** A node with its position and all stored fields. */
export interface ScopeNode extends Scope {
  readonly parentId: string | null;
  /** Address of a customer. */
  readonly email: string | null;
  /** Date when a customer joined, `YYYY-MM-DD`. */
  readonly joinedOn: string | null;
  /** The API switch of this node itself. */
  readonly apiEnabled: boolean;
  /**
   * Maximum number of keys of this customer, not counting revoked ones; null: the setting for all customers applies.
   */
  readonly maximumKeys: number | null;
  readonly createdAt: Date;
  /** Incremented by every edit, no matter who makes it. */
  readonly version: number;
  /**
   * Parents that the scope was moved to in a change that the database lost: permissions held above count only at
   * ancestors common to all parents.
   */
  readonly heldUnder?: readonly string[];
  /** The ways in which a hold restricts the scope below its database state. */
  readonly held?: readonly AccessExcess[];
}

/** The root of the scope tree. */
export const ROOT_SCOPE: Scope = {
  id: 'scp_00000000000000000000000000',
  kind: 'ROOT',
  name: 'Installation',
};

/** The parent kind of each kind of scope; null for the root. */
export const PARENT_KIND: Readonly<Record<ScopeKind, ScopeKind | null>> = {
  ROOT: null,
  CUSTOMER: 'ROOT',
  ORGANIZATION: 'CUSTOMER',
  ACCOUNT: 'ORGANIZATION',
};

/** Whether scopes of this kind have an API switch. */
export const hasApiSwitch = (kind: ScopeKind): boolean => kind === 'CUSTOMER' || kind === 'ORGANIZATION';
