import type { Transaction } from '../../core/transaction.js';
import type { Principal } from '../access/decide/principal.js';

/** Checks whether one more key is allowed. */
export interface KeyAllowance {
  /**
   * Admits the one key that the transaction inserted, or throws LICENSE_LIMIT_REACHED. Called late in the
   * transaction, since others can wait from here until its commit.
   */
  admit(tx: Transaction, by: Principal, apiKeyId: string): Promise<void>;
}
