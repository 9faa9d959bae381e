import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { ADVISORY_LOCKS } from '../../core/advisory-locks.js';
import type { StoredGrant } from '../access/decide/directory.js';
import type { KeyHolder } from '../access/decide/holder-bounds.js';
import type { KeyGrants } from '../access/decide/key-access.js';
import { managesKeywright } from '../access/decide/permission.js';
import type { KeyBounds } from './key-bounds.js';

const NAMES = 'coalesce(r.permissions, g.permissions)';

/** Reads what keys hold and their bounds in the transaction of a change, since memory can be slightly behind. */
export class KeyBoundsStore {
  /** Waits until other keys with bounds have committed such a change. */
  async awaitTurn(tx: Transaction): Promise<void> {
    await managerOf(tx).query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.boundCallers]);
  }

  /** Whether a key with these grants holds any Keywright permission, at any scope. */
  async managesKeywright(tx: Transaction, key: KeyGrants): Promise<boolean> {
    const own = (): Promise<boolean> => this.grantsManage(tx, key.grants);
    if (key.serviceAccountId === null) return own();
    const rows: { names: string[] }[] = await managerOf(tx).query(
      `select ${NAMES} as names from service_account_grant g left join role r on r.id = g.role_id
       where g.service_account_id = $1`,
      [key.serviceAccountId],
    );
    return rows.some(({ names }) => names.some(managesKeywright)) && (!key.narrowed || own());
  }

  /** The bounds of each unrevoked key of a service account or with a role, own or inherited. */
  boundsOfHolders(tx: Transaction, holder: KeyHolder): Promise<KeyBounds[]> {
    const [held, id] =
      'roleId' in holder
        ? [
            `(exists (select from api_key_grant g where g.api_key_id = k.id and g.role_id = $1)
              or k.service_account_id in (select service_account_id from service_account_grant where role_id = $1))`,
            holder.roleId,
          ]
        : ['k.service_account_id = $1', holder.serviceAccountId];
    return managerOf(tx).query(
      `select distinct k.expires_at as "expiresAt", k.allowed_cidrs as "allowedCidrs",
         k.rate_limits as "rateLimits", k.quotas
       from api_key k where k.revoked_at is null and ${held}`,
      [id],
    );
  }

  /** Whether users hold a role, or will through a group or an invitation. */
  async isHeldByPeople(tx: Transaction, roleId: string): Promise<boolean> {
    const [row]: { held: boolean }[] = await managerOf(tx).query(
      `select exists (select from user_grant where role_id = $1)
         or exists (select from group_role where role_id = $1)
         or exists (select from invitation i, jsonb_array_elements(i.grants) g
           where g ->> 'roleId' = $1 and i.expires_at > now()) as held`,
      [roleId],
    );
    return row!.held;
  }

  /** Whether the grants contain any Keywright permission. */
  async grantsManage(tx: Transaction, grants: readonly StoredGrant[]): Promise<boolean> {
    if (grants.some(({ permissions }) => permissions.some(managesKeywright))) return true;
    const roleIds = grants.flatMap(({ roleId }) => roleId ?? []);
    const roles: { permissions: string[] }[] = await managerOf(tx).query(
      'select permissions from role where id = any($1)',
      [roleIds],
    );
    return roles.some(({ permissions }) => permissions.some(managesKeywright));
  }
}
