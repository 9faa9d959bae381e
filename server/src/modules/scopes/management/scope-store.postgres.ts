import { MAX_SEARCH } from '@keywright/schema/bounds';
import { QueryFailedError, type DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import { ADVISORY_LOCKS } from '../../../core/advisory-locks.js';
import { AppError, badInput } from '../../../core/errors.js';
import { encodeCursor, parsePage, toPage, type Page, type PageArgs } from '../../../core/page.js';
import { fold, foldedPattern, isStorableText, NAME_COLLATION } from '../../../core/text.js';
import type { Reach } from '../../access/decide/access-set.js';
import { SCOPE_COLUMNS } from '../../access/decide/directory-store.postgres.js';
import type { ScopeKind, ScopeNode } from '../tree/scope.js';
import type { CheckedMembers } from './scope-rules.js';

const LIST = 'scopes';
const SORTED = `(name_folded collate ${NAME_COLLATION})`;

/** Which scopes to list; all criteria must match. */
export interface ScopeFilter {
  readonly parentId?: string | null | undefined;
  readonly kind?: ScopeKind | null | undefined;
  /** Part of the name or the e-mail address. */
  readonly search?: string | null | undefined;
}

/** Number of objects at or below a scope. */
export interface ScopeCounts {
  readonly keys: number;
  readonly serviceAccounts: number;
  readonly children: number;
}

/** What uses a scope and prevents its deletion. */
export interface ScopeUses {
  readonly children: number;
  readonly keys: number;
  readonly serviceAccounts: number;
  readonly grants: number;
}

/** A key that would move to a customer where another key has its name. */
export interface NameCollision {
  readonly name: string;
  readonly scopeIds: readonly string[];
}

function translate(error: unknown): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const { constraint } = error.driverError as { constraint?: string };
  const taken = (path: string, message: string): AppError =>
    new AppError('NAME_TAKEN', message, { fields: [{ path, message }], cause: error });
  if (constraint === 'scope_name_unique')
    return taken('name', 'This name is already used here. Choose a different one.');
  // A key there got one of these names in the meantime.
  if (constraint === 'api_key_name_unique') {
    return new AppError('CONFLICT', 'This scope cannot be moved there.', { cause: error });
  }
  if (constraint === 'scope_levels') {
    return badInput([{ path: 'parentId', message: 'A scope of this kind is not allowed there.' }]);
  }
  if (constraint?.endsWith('_fkey')) {
    return new AppError(
      'CONFLICT',
      'Something was just added to this scope, or its parent was just deleted.',
      {
        cause: error,
      },
    );
  }
  return error;
}

/** Stores the scope tree in PostgreSQL. */
export class ScopeStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A page of scopes within the given reach, by name. */
  async list(filter: ScopeFilter, args: PageArgs, reach: Reach): Promise<Page<ScopeNode>> {
    const page = parsePage(args, LIST, 2);
    const { sql, parameters } = this.where(filter, reach);
    const value = (given: unknown): string => `$${parameters.push(given)}`;
    const { cursor, backwards, limit } = page;
    const after = cursor
      ? `and (${SORTED}, id) ${backwards ? '<' : '>'} (${value(String(cursor[0]))}, ${value(String(cursor[1]))})`
      : '';
    const direction = backwards ? 'desc' : 'asc';
    const rows: (ScopeNode & { folded: string })[] = await this.dataSource.query(
      `select ${SCOPE_COLUMNS}, name_folded as folded from scope where ${sql} ${after}
       order by ${SORTED} ${direction}, id ${direction} limit ${limit + 1}`,
      parameters,
    );
    return toPage(page, rows, (row) => encodeCursor(LIST, [row.folded, row.id]));
  }

  /** For each scope, its first direct children within the given reach, by name. */
  async childrenOf(parentIds: readonly string[], max: number, reach: Reach): Promise<ScopeNode[][]> {
    const parameters: unknown[] = [[...new Set(parentIds)], max];
    const within = reach === 'EVERYTHING' ? 'true' : `path && $${parameters.push(reach)}::text[]`;
    const rows: ScopeNode[] = await this.dataSource.query(
      `select child.* from unnest($1::text[]) above(id) cross join lateral (
         select ${SCOPE_COLUMNS}, name_folded from scope where parent_id = above.id and ${within}
         order by ${SORTED}, scope.id limit $2) child order by ${SORTED}, child.id`,
      parameters,
    );
    const byParent = new Map<string | null, ScopeNode[]>(parentIds.map((id) => [id, []]));
    for (const row of rows) byParent.get(row.parentId)?.push(row);
    return parentIds.map((id) => byParent.get(id)!);
  }

  /** Number of matching scopes. */
  async count(filter: ScopeFilter, reach: Reach): Promise<number> {
    const { sql, parameters } = this.where(filter, reach);
    const [row] = (await this.dataSource.query(
      `select count(*) as count from scope where ${sql}`,
      parameters,
    )) as [{ count: number }];
    return row.count;
  }

  /** Counts the objects at or below each scope, in the order of the ids, in one query. */
  async counts(ids: readonly string[]): Promise<ScopeCounts[]> {
    const rows: (ScopeCounts & { id: string })[] = await this.dataSource.query(
      `select wanted.id,
         (select count(*) from api_key k join scope s on s.id = k.scope_id
          where s.path @> array[wanted.id] and k.revoked_at is null) as keys,
         (select count(*) from service_account a join scope s on s.id = a.scope_id
          where s.path @> array[wanted.id]) as "serviceAccounts",
         (select count(*) from scope s where s.parent_id = wanted.id) as children
       from unnest($1::text[]) wanted(id)`,
      [ids],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? { keys: 0, serviceAccounts: 0, children: 0 });
  }

  /** Serializes moves until the transaction ends: a move locks a whole subtree. */
  async lockMoves(tx: Transaction): Promise<void> {
    await managerOf(tx).query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.scopeMoves]);
  }

  /** Reads a scope and locks its row until the transaction ends. */
  async lock(tx: Transaction, id: string): Promise<ScopeNode | null> {
    const rows: ScopeNode[] = await managerOf(tx).query(
      `select ${SCOPE_COLUMNS} from scope where id = $1 for update`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Errors: NAME_TAKEN, BAD_USER_INPUT for a parent of the wrong kind. */
  async insert(tx: Transaction, node: Omit<ScopeNode, 'version'>): Promise<void> {
    await this.write(
      tx,
      `insert into scope (id, kind, name, name_folded, email, email_folded, joined_on, parent_id, api_enabled, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        node.id,
        node.kind,
        node.name,
        fold(node.name),
        node.email,
        node.email && fold(node.email),
        node.joinedOn,
        node.parentId,
        node.apiEnabled,
        node.createdAt,
      ],
    );
  }

  /** Errors: NAME_TAKEN, BAD_USER_INPUT for a parent of the wrong kind. */
  async update(
    tx: Transaction,
    id: string,
    changes: CheckedMembers & { readonly parentId?: string },
  ): Promise<void> {
    const { name, email, joinedOn, parentId, maximumKeys } = changes;
    await this.write(
      tx,
      `update scope set name = coalesce($2, name), name_folded = coalesce($3, name_folded), email = coalesce($4, email),
         email_folded = coalesce($5, email_folded), joined_on = coalesce($6::date, joined_on),
         parent_id = coalesce($7, parent_id), maximum_keys = case when $8 then $9::int else maximum_keys end
       where id = $1`,
      [
        id,
        name,
        name && fold(name),
        email,
        email && fold(email),
        joinedOn,
        parentId,
        maximumKeys !== undefined,
        maximumKeys,
      ],
    );
  }

  /** Id of the customer that a scope belongs to; null for the root. */
  async customerOf(tx: Transaction, id: string): Promise<string | null> {
    const [row] = (await managerOf(tx).query('select path[2] as id from scope where id = $1', [id])) as [
      { id: string | null }?,
    ];
    return row?.id ?? null;
  }

  /**
   * Keys below a scope whose names are taken in the customer of its new parent, with the scopes of both keys; at most
   * 100.
   */
  nameCollisions(tx: Transaction, id: string, parentId: string): Promise<NameCollision[]> {
    return managerOf(tx).query(
      `select mine.name, array[mine.scope_id, other.scope_id] as "scopeIds"
       from api_key mine join scope s on s.id = mine.scope_id
         join api_key other on other.name_folded = mine.name_folded and other.customer_id <> mine.customer_id
       where s.path @> array[$1] and mine.revoked_at is null and other.revoked_at is null
         and other.customer_id = (select path[2] from scope where id = $2)
       limit 100`,
      [id, parentId],
    );
  }

  /** Sets the API switch. */
  async setApiEnabled(tx: Transaction, id: string, enabled: boolean): Promise<void> {
    await managerOf(tx).query('update scope set api_enabled = $2 where id = $1', [id, enabled]);
  }

  /** What prevents a scope from being deleted. Revoked keys do not. */
  async uses(tx: Transaction, id: string): Promise<ScopeUses> {
    const [row] = (await managerOf(tx).query(
      `select (select count(*) from scope where parent_id = $1) as children,
         (select count(*) from api_key where scope_id = $1 and revoked_at is null) as keys,
         (select count(*) from service_account where scope_id = $1) as "serviceAccounts",
         (select count(*) from user_grant where scope_id = $1)
           + (select count(*) from service_account_grant where scope_id = $1)
           + (select count(*) from api_key_grant g join api_key k on k.id = g.api_key_id
              where g.scope_id = $1 and k.revoked_at is null) as grants`,
      [id],
    )) as [ScopeUses];
    return row;
  }

  /** Deletes an unused scope; tombstones of revoked keys move to its parent. Error: CONFLICT. */
  async delete(tx: Transaction, id: string): Promise<void> {
    await managerOf(tx).query(
      `delete from api_key_grant where scope_id = $1
         and api_key_id in (select id from api_key where revoked_at is not null)`,
      [id],
    );
    await managerOf(tx).query(
      `update api_key set scope_id = (select parent_id from scope where id = $1)
       where scope_id = $1 and revoked_at is not null`,
      [id],
    );
    await this.write(tx, 'delete from scope where id = $1', [id]);
  }

  private async write(tx: Transaction, sql: string, parameters: unknown[]): Promise<void> {
    try {
      await managerOf(tx).query(sql, parameters);
    } catch (error) {
      throw translate(error);
    }
  }

  private where(
    { parentId, kind, search }: ScopeFilter,
    reach: Reach,
  ): { sql: string; parameters: unknown[] } {
    const parameters: unknown[] = [];
    const value = (given: unknown): string => `$${parameters.push(given)}`;
    const parts = [reach === 'EVERYTHING' ? 'true' : `path && ${value(reach)}::text[]`];
    if ([parentId, search].some((text) => text != null && !isStorableText(text))) {
      return { sql: 'false', parameters: [] };
    }
    if (parentId != null) parts.push(`parent_id = ${value(parentId)}`);
    if (kind != null) parts.push(`kind = ${value(kind)}`);
    const wanted = fold(search ?? '');
    if (wanted.length > MAX_SEARCH) {
      throw badInput([{ path: 'search', message: `A search can have at most ${MAX_SEARCH} characters.` }]);
    }
    if (wanted !== '') {
      parts.push(`(name_folded || ' ' || coalesce(email_folded, '')) like ${value(foldedPattern(wanted))}`);
    }
    return { sql: parts.join(' and '), parameters };
  }
}
