import type { PermissionInfo } from '@keywright/schema/permissions';
import type { DataSource } from 'typeorm';
import type { AccessCatalogue } from './grant.js';
import type { Role } from './role.js';

/** A catalogue entry as it is kept. */
export interface PermissionEntry extends PermissionInfo {
  readonly builtIn: boolean;
}

/** Reads permissions and roles. */
export class AccessStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The permission catalogue in display order: groups of protected APIs first, Keywright's own after them. */
  permissions(): Promise<PermissionEntry[]> {
    return this.dataSource.query(
      `select name, label, group_name as "group", description, built_in as "builtIn"
       from permission order by built_in, position, name`,
    );
  }

  /** All roles by name. */
  roles(): Promise<Role[]> {
    return this.dataSource.query(
      `select id, name, description, permissions, built_in as "builtIn" from role order by built_in desc, name`,
    );
  }

  /** What requested grants are checked against. */
  async catalogue(): Promise<AccessCatalogue> {
    const [permissions, roles] = await Promise.all([this.permissions(), this.roles()]);
    return {
      permissionNames: new Set(permissions.map((p) => p.name)),
      roles: new Map(roles.map((role) => [role.id, role])),
    };
  }
}
