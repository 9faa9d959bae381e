import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import type { StoredGrant } from '../../access/decide/directory.js';

/** A service account whose keys work as soon as every API switch above it is on. */
export interface WaitingAccount {
  readonly id: string;
  readonly grants: readonly StoredGrant[];
}

const WAITING = `
  select a.id, (select coalesce(json_agg(json_build_object('scopeId', g.scope_id, 'roleId', g.role_id,
      'permissions', g.permissions) order by g.position), '[]')
    from service_account_grant g where g.service_account_id = a.id) as grants
  from service_account a join scope s on s.id = a.scope_id
  where s.path @> array[$1] and a.enabled
    and exists (select from api_key k where k.service_account_id = a.id and k.revoked_at is null and k.enabled
      and (k.expires_at is null or k.expires_at > now()))
    and not exists (select from scope o where o.id = any(s.path) and o.path @> array[$1] and not o.api_enabled
      and (o.id <> $1 or $2))`;

/**
 * Service accounts at or below a scope whose keys are held back only by switches above it, whether or not those are off
 * now. With `withOwn`, the scope's own switch must be on as well.
 */
export const waitingAccounts = (
  tx: Transaction,
  scopeId: string,
  { withOwn }: { readonly withOwn: boolean },
): Promise<WaitingAccount[]> => managerOf(tx).query(WAITING, [scopeId, withOwn]);
