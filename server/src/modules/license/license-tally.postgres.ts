import type { DataSource, EntityManager } from 'typeorm';
import { ADVISORY_LOCKS } from '../../core/advisory-locks.js';

/** How many keys are not revoked, by the tally that the database keeps of them. */
export async function countKeys(database: Pick<DataSource | EntityManager, 'query'>): Promise<number> {
  const [row] = (await database.query(
    'select coalesce(sum(n), 0)::bigint as live from api_key_tally where not revoked',
  )) as [{ live: number }];
  return row.live;
}

/** Waits until whoever creates a key at this moment has committed; a count after it sees their key. */
export async function awaitTurn(manager: EntityManager): Promise<void> {
  await manager.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.keyCreation]);
}
