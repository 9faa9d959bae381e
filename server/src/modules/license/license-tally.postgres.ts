import type { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from '../../core/advisory-locks.js';
import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';

/** Counts the keys of the installation. */
export class LicenseTally {
  constructor(private readonly dataSource: DataSource) {}

  /** The number of keys that are not revoked, from the tally that the database maintains. */
  async countKeys(tx?: Transaction): Promise<number> {
    const [row] = (await managerOf(tx, this.dataSource).query(
      'select coalesce(sum(n), 0)::bigint as live from api_key_tally where not revoked',
    )) as [{ live: number }];
    return row.live;
  }

  /** Waits until concurrent creations of keys have committed, so that a subsequent count includes them. */
  async awaitTurn(tx: Transaction): Promise<void> {
    await managerOf(tx).query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.keyCreation]);
  }
}
