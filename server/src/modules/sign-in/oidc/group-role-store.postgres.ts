import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';

/** The role that a name in the setting is bound to; null: that role was deleted. */
export interface GroupRoleBinding {
  /** The name as written in the setting. */
  readonly name: string;
  readonly roleId: string | null;
}

/**
 * Binds each name in OIDC_GROUP_ROLES to a role: the one that has the name when it is first seen. The binding stays, so
 * that renaming a role or creating another one with that name changes nobody's permissions.
 */
export class GroupRoleStore {
  /** Binds unbound names for which a role exists; returns the new bindings. */
  async bindNew(
    tx: Transaction,
    names: readonly string[],
    now: Date,
  ): Promise<{ readonly name: string; readonly roleId: string }[]> {
    return managerOf(tx).query(
      `insert into group_role as b (name_folded, role_id, bound_at)
       select distinct on (lower(w)) lower(w), r.id, $2::timestamptz
       from unnest($1::text[]) w join role r on lower(r.name) = lower(w)
       on conflict (name_folded) do nothing
       returning name_folded as name, role_id as "roleId"`,
      [names, now],
    );
  }

  /** Binds a name to a role, replacing any binding; returns the former role, or undefined if the name was unbound. */
  async rebind(tx: Transaction, name: string, roleId: string, now: Date): Promise<string | null | undefined> {
    const [former]: { roleId: string | null }[] = await managerOf(tx).query(
      'select role_id as "roleId" from group_role where name_folded = lower($1) for update',
      [name],
    );
    await managerOf(tx).query(
      `insert into group_role (name_folded, role_id, bound_at) values (lower($1), $2, $3)
       on conflict (name_folded) do update set role_id = excluded.role_id, bound_at = excluded.bound_at`,
      [name, roleId, now],
    );
    return former?.roleId;
  }

  /** The bindings of these names; unbound names are left out. */
  bindings(tx: Transaction, names: readonly string[]): Promise<GroupRoleBinding[]> {
    return managerOf(tx).query(
      `select w as name, b.role_id as "roleId" from unnest($1::text[]) w join group_role b on b.name_folded = lower(w)`,
      [names],
    );
  }
}
