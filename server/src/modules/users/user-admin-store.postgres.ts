import { MAX_SEARCH } from '@keywright/schema/bounds';
import type { DataSource } from 'typeorm';
import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { badInput } from '../../core/errors.js';
import { fold, foldedPattern, isStorableText, NAME_COLLATION } from '../../core/text.js';
import type { Reach } from '../access/decide/access-set.js';
import type { StoredGrant } from '../access/decide/directory.js';
import { insertGrants } from '../access/decide/grant-rows.postgres.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { translated } from './user-constraints.postgres.js';
import { foldEmail, type User } from './user.js';
import { UserTable } from './user.table.js';

/** Maximum number of listed users. */
const MAX_LISTED = 1000;

/** A grant of a user, and whether it comes from groups of the identity provider. */
export interface UserGrant extends StoredGrant {
  readonly source: 'LOCAL' | 'OIDC';
}

/** Reads and writes users for those who manage them. */
export class UserAdminStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Users with a grant within the reach, by name; at most 1,000. */
  async list(search: string | null, reach: Reach): Promise<User[]> {
    const query = this.dataSource.getRepository(UserTable).createQueryBuilder('u');
    if (reach !== 'EVERYTHING') {
      query.where(
        `exists (select from user_grant g join scope s on s.id = g.scope_id
                 where g.user_id = u.id and s.path && :reach::text[])`,
        { reach },
      );
    }
    const wanted = fold(search ?? '');
    if (wanted.length > MAX_SEARCH) {
      throw badInput([{ path: 'search', message: `A search can have at most ${MAX_SEARCH} characters.` }]);
    }
    if (!isStorableText(wanted)) return [];
    if (wanted !== '') {
      query.andWhere(`(folded(u.name) like folded(:text) or u.emailFolded like :text)`, {
        text: foldedPattern(wanted),
      });
    }
    return query
      .orderBy(`folded(u.name) collate ${NAME_COLLATION}`)
      .addOrderBy('u.id')
      .limit(MAX_LISTED)
      .getMany();
  }

  /** Adds an enabled user without a password. Error: NAME_TAKEN. */
  async add(
    tx: Transaction,
    { id, email, name }: Pick<User, 'id' | 'email' | 'name'>,
    grants: readonly StoredGrant[],
    now: Date,
  ): Promise<User> {
    const row = { id, email, emailFolded: foldEmail(email), name, passwordHash: null, createdAt: now };
    await translated(managerOf(tx).insert(UserTable, row));
    await translated(insertGrants(tx, 'user', id, grants));
    return managerOf(tx).findOneByOrFail(UserTable, { id });
  }

  /** Whether a user has this address. */
  hasEmail(email: string, tx?: Transaction): Promise<boolean> {
    return managerOf(tx, this.dataSource).existsBy(UserTable, { emailFolded: foldEmail(email) });
  }

  /** Reads a user and locks the row until the transaction ends. */
  lock(tx: Transaction, id: string): Promise<User | null> {
    return managerOf(tx).findOne(UserTable, { where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  async update(
    tx: Transaction,
    id: string,
    { name, enabled }: Pick<User, 'name' | 'enabled'>,
  ): Promise<void> {
    await managerOf(tx).update(UserTable, { id }, { name, enabled });
  }

  grantsOf(tx: Transaction, id: string): Promise<UserGrant[]> {
    return managerOf(tx).query(
      `select scope_id as "scopeId", role_id as "roleId", permissions, source
       from user_grant where user_id = $1 order by position`,
      [id],
    );
  }

  /** Replaces the local grants; grants from groups of the identity provider stay. */
  async replaceLocalGrants(tx: Transaction, id: string, grants: readonly StoredGrant[]): Promise<void> {
    await managerOf(tx).query(`delete from user_grant where user_id = $1 and source = 'LOCAL'`, [id]);
    const [row] = (await managerOf(tx).query(
      'select coalesce(max(position) + 1, 0) as next from user_grant where user_id = $1',
      [id],
    )) as [{ next: number }];
    await translated(insertGrants(tx, 'user', id, grants, row.next));
  }

  /**
   * Whether a user who can sign in holds everything, by local grants or from any source. Transactions that check this
   * wait for each other.
   */
  async hasOwner(tx: Transaction, source: 'LOCAL' | 'ANY'): Promise<boolean> {
    await managerOf(tx).query('select 1 from installation for update');
    const rows: unknown[] = await managerOf(tx).query(
      `select 1 from app_user u join user_grant g on g.user_id = u.id left join role r on r.id = g.role_id
       where u.enabled and (u.password_hash is not null or u.external) and g.scope_id = $1
         and ('*' = any(g.permissions) or '*' = any(r.permissions)) and ($2 = 'ANY' or g.source = $2) limit 1`,
      [ROOT_SCOPE.id, source],
    );
    return rows.length > 0;
  }
}
