import type { Transaction } from '../../../core/transaction.js';
import type { AccessSet } from './access-set.js';
import type { StoredGrant } from './directory.js';
import type { Principal } from './principal.js';

/** Whose keys gain permissions: those of a service account, or all that hold a role. */
export type KeyHolder = { readonly serviceAccountId: string } | { readonly roleId: string };

/** Prevents a calling key from loosening its own bounds through what other keys inherit. */
export interface HolderBounds {
  /** Checks what the keys of a holder gain, inside the transaction of the change. Error: FORBIDDEN. */
  requireGainBound(tx: Transaction, by: Principal, holder: KeyHolder, gained: AccessSet): Promise<void>;
  /** Prevents a bounded key from granting Keywright permissions to people, who have no bounds. Error: FORBIDDEN. */
  requirePersonBound(tx: Transaction, by: Principal, grants: readonly StoredGrant[]): Promise<void>;
}
