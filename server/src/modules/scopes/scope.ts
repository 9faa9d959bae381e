/** A kind of node of the tree customer > organization > account; the root stands for the whole installation. */
export type ScopeKind = 'ROOT' | 'CUSTOMER' | 'ORGANIZATION' | 'ACCOUNT';

/** A node of the scope tree. */
export interface Scope {
  readonly id: string;
  readonly kind: ScopeKind;
  readonly name: string;
}

/** The root of the scope tree. */
export const ROOT_SCOPE: Scope = {
  id: 'scp_00000000000000000000000000',
  kind: 'ROOT',
  name: 'Installation',
};
