import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import type { PermissionEntry } from '../decide/access-store.postgres.js';
import { holdersSql, type Holder } from './role-store.postgres.js';

/** Selects an entry by name. */
const SELECT = `select name, label, group_name as "group", description, built_in as "builtIn", edit_version as "version" from permission where name = $1`;

/** Every change of the catalog also changes the roles that cover it; concurrent changes would deadlock there. */
const ONE_AT_A_TIME = 'lock table permission in share row exclusive mode';

/** Stores the permission catalog in PostgreSQL. */
export class PermissionStore {
  /** Reads an entry, and locks the whole catalog until the transaction ends. */
  async lock(tx: Transaction, name: string): Promise<PermissionEntry | undefined> {
    await managerOf(tx).query(ONE_AT_A_TIME);
    const [entry] = (await managerOf(tx).query(`${SELECT} for update`, [name])) as [PermissionEntry?];
    return entry;
  }

  /** Creates or replaces an entry that is not built in; returns its version. */
  async save(
    tx: Transaction,
    { name, label, group, description }: Omit<PermissionEntry, 'version'>,
  ): Promise<number> {
    const [after] = (await managerOf(tx).query(
      `insert into permission (name, label, group_name, description, position)
       values ($1, $2, $3, $4, (select coalesce(max(position), 0) + 1 from permission where not built_in))
       on conflict (name) do update set label = excluded.label, group_name = excluded.group_name,
         description = excluded.description where not permission.built_in
       returning edit_version as version`,
      [name, label, group, description],
    )) as [{ version: number }];
    return after.version;
  }

  /** Whatever names the permission: roles, route rules, and grants of users, service accounts and keys. */
  holders(tx: Transaction, name: string): Promise<Holder[]> {
    return managerOf(tx).query(
      `select 'role' as kind, name from role where not covers_catalogue and $1 = any(permissions)
       union all select 'route rule', method || ' ' || path_pattern from route_rule where permission = $1
       union all ${holdersSql('$1 = any(g.permissions)')} order by 1, 2`,
      [name],
    );
  }

  async delete(tx: Transaction, name: string): Promise<void> {
    await managerOf(tx).query('delete from permission where name = $1', [name]);
  }
}
