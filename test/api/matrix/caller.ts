import type { Credential } from '../../support/peers/graphql.js';

/** A part of the tree: the root, the scope where the world creates objects, or an unrelated one. */
export type Place = 'root' | 'home' | 'foreign';

/** Permissions at a place and below it. */
export interface HeldGrant {
  readonly at: Place;
  readonly permissions: readonly string[];
}

/** A caller, possibly unauthenticated. */
export interface Caller {
  readonly name: string;
  readonly kind: 'nobody' | 'users' | 'keys';
  readonly grants: readonly HeldGrant[];
  readonly credential: Credential;
  /** For users. */
  readonly account?: { readonly email: string; readonly password: string };
}

/** The unauthenticated caller. */
export const NOBODY: Caller = { name: 'nobody', kind: 'nobody', grants: [], credential: {} };
