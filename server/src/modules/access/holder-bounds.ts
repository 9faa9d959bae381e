import type { EntityManager } from 'typeorm';
import type { AccessSet } from './access-set.js';
import type { StoredGrant } from './directory.js';
import type { Principal } from './principal.js';

/** Whose keys come to hold more: a service account's, or those that hold a role. */
export type KeyHolder = { readonly serviceAccountId: string } | { readonly roleId: string };

/** Keeps a key that calls from loosening what binds it by way of what other keys inherit. */
export interface HolderBounds {
  /** Checks what the keys of a holder come to hold, in the transaction of the change. Error: FORBIDDEN. */
  requireGainBound(
    manager: EntityManager,
    by: Principal,
    holder: KeyHolder,
    gained: AccessSet,
  ): Promise<void>;
  /** Keeps a key that is bound from giving Keywright permissions to people, whom nothing binds. Error: FORBIDDEN. */
  requirePersonBound(manager: EntityManager, by: Principal, grants: readonly StoredGrant[]): Promise<void>;
}
