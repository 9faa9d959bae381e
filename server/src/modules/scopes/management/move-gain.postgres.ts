import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';

/** Permissions gained through a move of a scope. */
export interface MoveGain {
  /** What users, service accounts, keys and pending invitations hold at the new ancestors, and so gain at the scope. */
  readonly gained: readonly string[];
  /** "View own" permissions that keys of the scope gain at their new customer. */
  readonly own: readonly string[];
}

/** Ids of the ancestors that a scope ($1) gains under a new parent ($2). */
const ABOVE = `select unnest(path) from scope where id = $2 except select unnest(path) from scope where id = $1`;

const granted = (from: string, where: string): string =>
  `select coalesce(r.permissions, g.permissions) as names from ${from} left join role r on r.id = g.role_id where ${where}`;

const GAINED = `
  with above(id) as (${ABOVE})
  select distinct unnest(names) as name from (
    ${granted('user_grant g', 'g.scope_id in (select id from above)')}
    union all ${granted('service_account_grant g', 'g.scope_id in (select id from above)')}
    union all ${granted(
      'api_key_grant g join api_key k on k.id = g.api_key_id',
      'k.revoked_at is null and g.scope_id in (select id from above)',
    )}
    union all select coalesce(r.permissions, array(select jsonb_array_elements_text(g -> 'permissions')))
      from invitation i cross join jsonb_array_elements(i.grants) g left join role r on r.id = g ->> 'roleId'
      where i.expires_at > now() and g ->> 'scopeId' in (select id from above)) held`;

const OWN = `
  with customer(id) as (select path[2] from scope where id = $2),
    reached(id) as (select unnest(path) from scope where id = $2 union select s.id from scope s, customer c where s.path @> array[c.id]),
    moved as (select k.id, k.service_account_id from api_key k join scope s on s.id = k.scope_id
      where s.path @> array[$1] and k.revoked_at is null
        and s.path[2] is distinct from (select id from customer))
  select distinct name from (
    select unnest(names) as name from (
      ${granted('moved join api_key_grant g on g.api_key_id = moved.id', 'g.scope_id in (select id from reached)')}
      union all ${granted(
        'moved join service_account_grant g on g.service_account_id = moved.service_account_id',
        'g.scope_id in (select id from reached)',
      )}) held) held
  where name like 'view\\_own\\_%'`;

/** Reads what a move gives to others, and locks the grants and roles involved until the transaction ends. */
export async function gainedByMove(tx: Transaction, id: string, parentId: string): Promise<MoveGain> {
  await managerOf(tx).query('lock table role in share mode');
  // A new grant references its scope: while the row is locked, none can be created there.
  await managerOf(tx).query(`select 1 from scope where id in (${ABOVE}) order by id for update`, [
    id,
    parentId,
  ]);
  const names = async (sql: string): Promise<string[]> => {
    const rows: { name: string }[] = await managerOf(tx).query(sql, [id, parentId]);
    return rows.map(({ name }) => name);
  };
  return { gained: await names(GAINED), own: await names(OWN) };
}
