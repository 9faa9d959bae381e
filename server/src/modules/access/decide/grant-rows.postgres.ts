import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import type { StoredGrant } from './directory.js';

/** Kinds of grant holders. Each has its own table, `<kind>_grant`. */
export type HolderTable = 'service_account' | 'user';

/** Inserts grants of a holder, in order, in one statement. */
export async function insertGrants(
  tx: Transaction,
  holder: HolderTable,
  id: string,
  grants: readonly StoredGrant[],
  firstPosition = 0,
): Promise<void> {
  if (grants.length === 0) return;
  await managerOf(tx).query(
    `insert into ${holder}_grant (${holder}_id, position, scope_id, role_id, permissions)
     select $1, position, "scopeId", "roleId", permissions
     from jsonb_to_recordset($2::jsonb) g(position int, "scopeId" text, "roleId" text, permissions text[])`,
    [
      id,
      JSON.stringify(
        grants.map(({ scopeId, roleId, permissions }, i) => ({
          position: firstPosition + i,
          scopeId,
          roleId,
          permissions,
        })),
      ),
    ],
  );
}
