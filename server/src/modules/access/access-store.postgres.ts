import type { PermissionInfo } from '@keywright/schema/permissions';
import type { DataSource, EntityManager } from 'typeorm';

/** A catalogue entry as it is kept. */
export interface PermissionEntry extends PermissionInfo {
  readonly builtIn: boolean;
  /** Grows with each change that people make, whoever makes it. */
  readonly version: number;
}

/** Reads the permission catalogue. */
export class AccessStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The catalogue in display order: groups of protected APIs first, Keywright's own after them. */
  permissions(): Promise<PermissionEntry[]> {
    return this.dataSource.query(
      `select name, label, group_name as "group", description, built_in as "builtIn", edit_version as "version"
       from permission order by built_in, position, name`,
    );
  }

  /** The same names, which nobody changes until the transaction ends. */
  async lockedPermissionNames(manager: EntityManager): Promise<ReadonlySet<string>> {
    await manager.query('lock table permission in share mode');
    const rows: { name: string }[] = await manager.query('select name from permission');
    return new Set(rows.map(({ name }) => name));
  }

  /** What permission names are checked against. */
  async permissionNames(): Promise<ReadonlySet<string>> {
    return new Set((await this.permissions()).map(({ name }) => name));
  }
}
