import type { Credential } from '../../support/graphql.js';

/** A part of the tree: everything, where the world makes things, or a part that has nothing to do with that. */
export type Place = 'root' | 'home' | 'foreign';

/** Permissions at a place, and so below it. */
export interface HeldGrant {
  readonly at: Place;
  readonly permissions: readonly string[];
}

/** Somebody, or nobody, who calls. */
export interface Caller {
  readonly name: string;
  readonly kind: 'nobody' | 'users' | 'keys';
  readonly grants: readonly HeldGrant[];
  readonly credential: Credential;
  /** For users. */
  readonly account?: { readonly email: string; readonly password: string };
}

/** Who calls without saying who it is. */
export const NOBODY: Caller = { name: 'nobody', kind: 'nobody', grants: [], credential: {} };
