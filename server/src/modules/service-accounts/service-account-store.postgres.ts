import { MAX_SEARCH } from '@keywright/schema/bounds';
import { QueryFailedError, type DataSource } from 'typeorm';
import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { AppError, badInput } from '../../core/errors.js';
import { encodeCursor, parsePage, toPage, type Page, type PageArgs } from '../../core/page.js';
import { fold, foldedPattern, isStorableText, NAME_COLLATION } from '../../core/text.js';
import type { Reach } from '../access/decide/access-set.js';
import type { StoredGrant } from '../access/decide/directory.js';
import { insertGrants } from '../access/decide/grant-rows.postgres.js';
import { withinReachSql } from '../access/decide/reach.postgres.js';
import type { ServiceAccount, ServiceAccountFilter } from './service-account.js';

const LIST = 'service-accounts';
const SORTED = `(a.name_folded collate ${NAME_COLLATION})`;

const SELECT = `select a.id, a.name, a.description, a.scope_id as "scopeId", a.enabled, a.edit_version as "version", a.created_at as "createdAt",
  json_build_object('kind', a.created_by_kind, 'id', a.created_by_id, 'name', a.created_by_name) as "createdBy",
  (select coalesce(json_agg(json_build_object('scopeId', g.scope_id, 'roleId', g.role_id, 'permissions', g.permissions)
     order by g.position), '[]') from service_account_grant g where g.service_account_id = a.id) as grants,
  a.name_folded as folded from service_account a`;

type Row = ServiceAccount & { readonly folded: string };

function translate(error: unknown): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const { constraint } = error.driverError as { constraint?: string };
  if (constraint === 'service_account_name_unique') {
    const message = 'Another service account in this scope already has this name. Choose a different one.';
    return new AppError('NAME_TAKEN', message, { fields: [{ path: 'name', message }], cause: error });
  }
  return constraint?.endsWith('_fkey')
    ? new AppError(
        'CONFLICT',
        'A key was just created for it, or a scope or role in this request was just deleted.',
        {
          cause: error,
        },
      )
    : error;
}

async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw translate(error);
  }
}

/** Stores service accounts in PostgreSQL. */
export class ServiceAccountStore {
  constructor(private readonly dataSource: DataSource) {}

  findMany(ids: readonly string[]): Promise<ServiceAccount[]> {
    return this.dataSource.query(`${SELECT} where a.id = any($1)`, [ids]);
  }

  /** A page of matching service accounts within the reach, by name. */
  async list(filter: ServiceAccountFilter, args: PageArgs, reach: Reach): Promise<Page<ServiceAccount>> {
    const page = parsePage(args, LIST, 2);
    const { sql, parameters } = this.where(filter, reach);
    const value = (given: unknown): string => `$${parameters.push(given)}`;
    const { cursor, backwards, limit } = page;
    const after = cursor
      ? `and (${SORTED}, a.id) ${backwards ? '<' : '>'} (${value(String(cursor[0]))}, ${value(String(cursor[1]))})`
      : '';
    const direction = backwards ? 'desc' : 'asc';
    const rows: Row[] = await this.dataSource.query(
      `${SELECT} where ${sql} ${after} order by ${SORTED} ${direction}, a.id ${direction} limit ${limit + 1}`,
      parameters,
    );
    return toPage(page, rows, (row) => encodeCursor(LIST, [row.folded, row.id]));
  }

  async count(filter: ServiceAccountFilter, reach: Reach): Promise<number> {
    const { sql, parameters } = this.where(filter, reach);
    const [row] = (await this.dataSource.query(
      `select count(*) as count from service_account a where ${sql}`,
      parameters,
    )) as [{ count: number }];
    return row.count;
  }

  /** Numbers of keys that are not revoked, in the order of the ids, in one query. */
  async keyCounts(ids: readonly string[], tx?: Transaction): Promise<number[]> {
    const rows: { id: string; count: number }[] = await managerOf(tx, this.dataSource).query(
      `select service_account_id as id, count(*) as count from api_key
       where service_account_id = any($1) and revoked_at is null group by 1`,
      [ids],
    );
    const byId = new Map(rows.map(({ id, count }) => [id, count]));
    return ids.map((id) => byId.get(id) ?? 0);
  }

  /** Reads a service account and locks its row until the transaction ends. */
  async lock(tx: Transaction, id: string): Promise<ServiceAccount | null> {
    await managerOf(tx).query('select 1 from service_account where id = $1 for update', [id]);
    const rows: ServiceAccount[] = await managerOf(tx).query(`${SELECT} where a.id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** Error: NAME_TAKEN. */
  async insert(tx: Transaction, account: Omit<ServiceAccount, 'version'>): Promise<void> {
    const { id, name, description, scopeId, enabled, createdAt, createdBy, grants } = account;
    await translated(
      managerOf(tx).query(
        `insert into service_account (id, name, name_folded, description, scope_id, enabled, created_at, created_by_kind,
           created_by_id, created_by_name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          id,
          name,
          fold(name),
          description,
          scopeId,
          enabled,
          createdAt,
          createdBy.kind,
          createdBy.id,
          createdBy.name,
        ],
      ),
    );
    await translated(insertGrants(tx, 'service_account', id, grants));
  }

  /** Error: NAME_TAKEN. */
  async update(
    tx: Transaction,
    { id, name, description, enabled }: Pick<ServiceAccount, 'id' | 'name' | 'description' | 'enabled'>,
  ): Promise<void> {
    await translated(
      managerOf(tx).query(
        'update service_account set name = $2, name_folded = $3, description = $4, enabled = $5 where id = $1',
        [id, name, fold(name), description, enabled],
      ),
    );
  }

  async replaceGrants(tx: Transaction, id: string, grants: readonly StoredGrant[]): Promise<void> {
    await managerOf(tx).query('delete from service_account_grant where service_account_id = $1', [id]);
    await translated(insertGrants(tx, 'service_account', id, grants));
  }

  /** Deletes a service account without live keys; detaches tombstones of revoked keys. Error: CONFLICT. */
  async delete(tx: Transaction, id: string): Promise<void> {
    await managerOf(tx).query(
      'update api_key set service_account_id = null where service_account_id = $1 and revoked_at is not null',
      [id],
    );
    await translated(managerOf(tx).query('delete from service_account where id = $1', [id]));
  }

  private where(
    { scopeId, search }: ServiceAccountFilter,
    reach: Reach,
  ): { sql: string; parameters: unknown[] } {
    const parameters: unknown[] = [];
    const value = (given: unknown): string => `$${parameters.push(given)}`;
    const parts = [withinReachSql('a.scope_id', reach, value)];
    if ([scopeId, search].some((text) => text != null && !isStorableText(text))) {
      return { sql: 'false', parameters: [] };
    }
    if (scopeId != null) parts.push(withinReachSql('a.scope_id', [scopeId], value));
    const wanted = fold(search ?? '');
    if (wanted.length > MAX_SEARCH) {
      throw badInput([{ path: 'search', message: `A search can have at most ${MAX_SEARCH} characters.` }]);
    }
    if (wanted !== '') {
      parts.push(
        `folded(a.name || ' ' || coalesce(a.description, '')) like folded(${value(foldedPattern(wanted))})`,
      );
    }
    return { sql: parts.join(' and '), parameters };
  }
}
