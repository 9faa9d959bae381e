/** A kind of node of the tree customer > organization > account; the root stands for the whole installation. */
export type ScopeKind = 'ROOT' | 'CUSTOMER' | 'ORGANIZATION' | 'ACCOUNT';

/** A node of the scope tree. */
export interface Scope {
  readonly id: string;
  readonly kind: ScopeKind;
  readonly name: string;
}

/** In what a service account, role or scope would allow more than it did, had the database its way that lost a change. */
export type AccessExcess = 'DISABLED' | 'API_DISABLED' | 'ACCESS' | 'MOVED';

/** A node with its place and everything that is kept of it. */
export interface ScopeNode extends Scope {
  readonly parentId: string | null;
  /** Address of a customer. */
  readonly email: string | null;
  /** Day a customer joined, `YYYY-MM-DD`. */
  readonly joinedOn: string | null;
  /** The API switch of this node itself. */
  readonly apiEnabled: boolean;
  /** Most keys that this customer can have, not counting revoked ones; null: the setting for all customers holds. */
  readonly maximumKeys: number | null;
  readonly createdAt: Date;
  /** Grows with each change that people make, whoever makes it. */
  readonly version: number;
  /** Parents under which it was moved, while the database has lost that: what is held above counts only where both know it. */
  readonly heldUnder?: readonly string[];
  /** In what it is held to less than the database says. */
  readonly held?: readonly AccessExcess[];
}

/** The root of the scope tree. */
export const ROOT_SCOPE: Scope = {
  id: 'scp_00000000000000000000000000',
  kind: 'ROOT',
  name: 'Installation',
};

/** What each kind of scope lies directly below; the root below nothing. */
export const PARENT_KIND: Readonly<Record<ScopeKind, ScopeKind | null>> = {
  ROOT: null,
  CUSTOMER: 'ROOT',
  ORGANIZATION: 'CUSTOMER',
  ACCOUNT: 'ORGANIZATION',
};

/** Whether scopes of this kind have an API switch. */
export const hasApiSwitch = (kind: ScopeKind): boolean => kind === 'CUSTOMER' || kind === 'ORGANIZATION';
