import { QueryFailedError, type DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import { AppError } from '../../../core/errors.js';
import { NAME_COLLATION } from '../../../core/text.js';
import type { Reach } from '../decide/access-set.js';
import { withinReachSql } from '../decide/reach.postgres.js';
import type { Role } from '../decide/role.js';

/** A holder of a role or permission, by kind and name. */
export interface Holder {
  readonly kind: 'user' | 'service account' | 'key' | 'role' | 'route rule';
  readonly name: string;
}

/** Maximum number of holders named in an error message. */
const MAX_NAMED = 6;

const COLUMNS = `id, name, description, permissions, built_in as "builtIn", edit_version as "version"`;

/** SQL for every holder of a grant `g` that satisfies the condition; revoked keys hold nothing. */
export const holdersSql = (held: string): string => `
  select 'user' as kind, u.name from app_user u where exists (select from user_grant g where g.user_id = u.id and ${held})
  union all
  select 'service account', a.name from service_account a
  where exists (select from service_account_grant g where g.service_account_id = a.id and ${held})
  union all
  select 'key', k.name from api_key k
  where k.revoked_at is null and exists (select from api_key_grant g where g.api_key_id = k.id and ${held})`;

/** Describes holders in words, for the error when they block a deletion. */
export function describeHolders(holders: readonly Holder[]): string {
  const named = holders.slice(0, MAX_NAMED).map(({ kind, name }) => `${kind} “${name}”`);
  const rest = holders.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ');
}

function translate(error: unknown): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const { constraint } = error.driverError as { constraint?: string };
  if (constraint === 'role_name_unique' || constraint === 'role_folded_name_unique') {
    const message = 'Another role already has this name. Choose a different one.';
    return new AppError('NAME_TAKEN', message, { fields: [{ path: 'name', message }], cause: error });
  }
  return constraint?.endsWith('_fkey')
    ? new AppError('CONFLICT', 'This role was just granted to someone.', { cause: error })
    : error;
}

/** Stores roles in PostgreSQL. */
export class RoleStore {
  constructor(private readonly dataSource: DataSource) {}

  /** All roles: built-in ones in their fixed order, then the others by name. */
  list(): Promise<Role[]> {
    return this.dataSource.query(
      `select ${COLUMNS} from role order by built_in desc, case when built_in then id end, name collate ${NAME_COLLATION}`,
    );
  }

  /** Reads a role and locks its row until the transaction ends. */
  async lock(tx: Transaction, id: string): Promise<Role | null> {
    const rows: Role[] = await managerOf(tx).query(`select ${COLUMNS} from role where id = $1 for update`, [
      id,
    ]);
    return rows[0] ?? null;
  }

  /** Error: NAME_TAKEN. */
  async save(tx: Transaction, { id, name, description, permissions }: Omit<Role, 'version'>): Promise<void> {
    await this.write(
      tx,
      `insert into role (id, name, description, permissions) values ($1, $2, $3, $4)
       on conflict (id) do update set name = excluded.name, description = excluded.description,
         permissions = excluded.permissions`,
      [id, name, description, permissions],
    );
  }

  /** Error: CONFLICT if it was granted in the meantime. */
  async delete(tx: Transaction, id: string): Promise<void> {
    await managerOf(tx).query(
      `delete from api_key_grant where role_id = $1
         and api_key_id in (select id from api_key where revoked_at is not null)`,
      [id],
    );
    await this.write(tx, 'delete from role where id = $1', [id]);
  }

  /** The holders of a role. */
  holders(tx: Transaction, id: string): Promise<Holder[]> {
    return managerOf(tx).query(`${holdersSql('g.role_id = $1')} order by 1, 2`, [id]);
  }

  /**
   * Number of users, service accounts and keys that hold each role at scopes within the given reach, in the order of the ids.
   */
  async holderCounts(ids: readonly string[], reach: Reach): Promise<number[]> {
    const parameters: unknown[] = [ids];
    const within = withinReachSql('g.scope_id', reach, (value) => `$${parameters.push(value)}`);
    const rows: { id: string; count: number }[] = await this.dataSource.query(
      `select role_id as id, count(distinct holder) as count from (
         select g.role_id, g.user_id as holder from user_grant g where g.role_id = any($1) and ${within}
         union all
         select g.role_id, g.service_account_id from service_account_grant g where g.role_id = any($1) and ${within}
         union all
         select g.role_id, g.api_key_id from api_key_grant g join api_key k on k.id = g.api_key_id
         where g.role_id = any($1) and k.revoked_at is null and ${within}) holders group by role_id`,
      parameters,
    );
    const byId = new Map(rows.map(({ id, count }) => [id, count]));
    return ids.map((id) => byId.get(id) ?? 0);
  }

  private async write(tx: Transaction, sql: string, parameters: unknown[]): Promise<void> {
    try {
      await managerOf(tx).query(sql, parameters);
    } catch (error) {
      throw translate(error);
    }
  }
}
