import type { EntityManager } from 'typeorm';

/** The role that a name in the setting stands for; null: that role was deleted. */
export interface GroupRoleBinding {
  /** The name as the setting has it. */
  readonly name: string;
  readonly roleId: string | null;
}

/**
 * Which role each name in OIDC_GROUP_ROLES stands for: a name is bound to the role that has it when it is first seen, and
 * stays bound, so that renaming roles or creating another one of that name moves nobody's rights.
 */
export class GroupRoleStore {
  /** Binds names that were never bound and that some role has; says to which. */
  async bindNew(
    manager: EntityManager,
    names: readonly string[],
    now: Date,
  ): Promise<{ readonly name: string; readonly roleId: string }[]> {
    return manager.query(
      `insert into group_role as b (name_folded, role_id, bound_at)
       select distinct on (lower(w)) lower(w), r.id, $2::timestamptz
       from unnest($1::text[]) w join role r on lower(r.name) = lower(w)
       on conflict (name_folded) do nothing
       returning name_folded as name, role_id as "roleId"`,
      [names, now],
    );
  }

  /** Binds a name to a role, whatever it stood for; the former role, or undefined when the name was never bound. */
  async rebind(
    manager: EntityManager,
    name: string,
    roleId: string,
    now: Date,
  ): Promise<string | null | undefined> {
    const [former]: { roleId: string | null }[] = await manager.query(
      'select role_id as "roleId" from group_role where name_folded = lower($1) for update',
      [name],
    );
    await manager.query(
      `insert into group_role (name_folded, role_id, bound_at) values (lower($1), $2, $3)
       on conflict (name_folded) do update set role_id = excluded.role_id, bound_at = excluded.bound_at`,
      [name, roleId, now],
    );
    return former?.roleId;
  }

  /** What these names stand for; names that were never bound are left out. */
  bindings(manager: EntityManager, names: readonly string[]): Promise<GroupRoleBinding[]> {
    return manager.query(
      `select w as name, b.role_id as "roleId" from unnest($1::text[]) w join group_role b on b.name_folded = lower(w)`,
      [names],
    );
  }
}
