import type { EntityManager } from 'typeorm';
import type { Principal } from '../access/decide/principal.js';

/** Checks whether one more key is allowed. */
export interface KeyAllowance {
  /**
   * Admits the one key that the transaction inserted, or throws LICENSE_LIMIT_REACHED. Called late in the
   * transaction, since others can wait from here until its commit.
   */
  admit(manager: EntityManager, by: Principal, apiKeyId: string): Promise<void>;
}
