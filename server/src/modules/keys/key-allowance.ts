import type { EntityManager } from 'typeorm';
import type { Principal } from '../access/principal.js';

/** Says whether there is room for one more key. */
export interface KeyAllowance {
  /**
   * Admits the one key that the transaction has inserted, or throws LICENSE_LIMIT_REACHED. Called late in the transaction,
   * since others may wait from here to its commit.
   */
  admit(manager: EntityManager, by: Principal, apiKeyId: string): Promise<void>;
}
