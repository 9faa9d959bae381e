import type { DataSource, EntityManager } from 'typeorm';
import { ADVISORY_LOCKS } from '../../core/advisory-locks.js';

/** The number of keys that are not revoked, from the tally that the database maintains. */
export async function countKeys(database: Pick<DataSource | EntityManager, 'query'>): Promise<number> {
  const [row] = (await database.query(
    'select coalesce(sum(n), 0)::bigint as live from api_key_tally where not revoked',
  )) as [{ live: number }];
  return row.live;
}

/** Waits until concurrent creations of keys have committed, so that a subsequent count includes them. */
export async function awaitTurn(manager: EntityManager): Promise<void> {
  await manager.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.keyCreation]);
}
