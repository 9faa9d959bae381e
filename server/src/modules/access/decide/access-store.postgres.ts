import type { PermissionInfo } from '@keywright/schema/permissions';
import type { DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';

/** A stored entry of the permission catalog. */
export interface PermissionEntry extends PermissionInfo {
  readonly builtIn: boolean;
  /** Incremented by every edit, no matter who makes it. */
  readonly version: number;
}

/** Reads the permission catalog. */
export class AccessStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The catalog in display order: groups of protected APIs first, then Keywright's own. */
  permissions(): Promise<PermissionEntry[]> {
    return this.dataSource.query(
      `select name, label, group_name as "group", description, built_in as "builtIn", edit_version as "version"
       from permission order by built_in, position, name`,
    );
  }

  /** The known permission names, locked against changes until the transaction ends. */
  async lockedPermissionNames(tx: Transaction): Promise<ReadonlySet<string>> {
    const manager = managerOf(tx);
    await manager.query('lock table permission in share mode');
    const rows: { name: string }[] = await manager.query('select name from permission');
    return new Set(rows.map(({ name }) => name));
  }

  /** The known permission names, for validation. */
  async permissionNames(): Promise<ReadonlySet<string>> {
    return new Set((await this.permissions()).map(({ name }) => name));
  }

  /** Whether the catalog has any of these names; patterns such as `customer.*` count as known. */
  async knowsAny(tx: Transaction, names: readonly string[]): Promise<boolean> {
    const rows: unknown[] = await managerOf(tx).query(
      'select 1 from unnest($1::text[]) asked where exists (select from permission where name = asked) or asked like $2 limit 1',
      [names, '%*'],
    );
    return rows.length > 0;
  }
}
