import type { DataSource, EntityManager, SelectQueryBuilder } from 'typeorm';
import { managerOf } from '../../core/transaction.postgres.js';
import type { Transaction } from '../../core/transaction.js';
import { requireVersion, type ExpectedVersion } from '../../core/expected-version.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import { isStorableText } from '../../core/text.js';
import type { StoredGrant } from '../access/decide/directory.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { translated } from './user-constraints.postgres.js';
import { foldEmail, type NewUser, type Preferences, type User } from './user.js';
import type { UserCredentials, UserStore } from './user-store.js';
import { UserTable, type UserRow } from './user.table.js';

const withHash = (manager: EntityManager): SelectQueryBuilder<UserRow> =>
  manager.getRepository(UserTable).createQueryBuilder('u').addSelect('u.passwordHash');

async function credentialsIn(query: SelectQueryBuilder<UserRow>): Promise<UserCredentials | null> {
  const row = await query.getOne();
  if (!row) return null;
  const { passwordHash, ...user } = row;
  return { user, passwordHash };
}

/** Stores users in PostgreSQL. */
export class PostgresUserStore implements UserStore {
  constructor(private readonly dataSource: DataSource) {}

  find(id: string, tx?: Transaction): Promise<User | null> {
    return managerOf(tx, this.dataSource).findOneBy(UserTable, { id });
  }

  async findCredentials(email: string): Promise<UserCredentials | null> {
    // An address that cannot be stored belongs to no user, and the database would reject the query.
    if (!isStorableText(email)) return null;
    return credentialsIn(
      withHash(this.dataSource.manager).where('u.emailFolded = :email', { email: foldEmail(email) }),
    );
  }

  credentialsOf(id: string): Promise<UserCredentials | null> {
    return credentialsIn(withHash(this.dataSource.manager).where('u.id = :id', { id }));
  }

  lock(tx: Transaction, id: string): Promise<UserCredentials | null> {
    return credentialsIn(withHash(managerOf(tx)).where('u.id = :id', { id }).setLock('for_no_key_update'));
  }

  exists(tx?: Transaction): Promise<boolean> {
    return managerOf(tx, this.dataSource).exists(UserTable);
  }

  async add(tx: Transaction, input: NewUser, roleId: string, now: Date): Promise<User> {
    const id = newId(ID_PREFIXES.user, now.getTime());
    await translated(
      managerOf(tx).query(
        `insert into app_user (id, email, email_folded, name, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)`,
        [id, input.email, foldEmail(input.email), input.name, input.passwordHash, now],
      ),
    );
    await managerOf(tx).query(
      `insert into user_grant (user_id, position, scope_id, role_id) values ($1, 0, $2, $3)`,
      [id, ROOT_SCOPE.id, roleId],
    );
    return managerOf(tx).findOneByOrFail(UserTable, { id });
  }

  async setPassword(tx: Transaction, id: string, passwordHash: string): Promise<void> {
    await managerOf(tx).update(UserTable, { id }, { passwordHash });
  }

  async rename(tx: Transaction, id: string, name: string): Promise<void> {
    await managerOf(tx).update(UserTable, { id }, { name });
  }

  async noteSignIn(tx: Transaction, id: string, now: Date): Promise<void> {
    await managerOf(tx).update(UserTable, { id }, { lastSignInAt: now });
  }

  savePreferences(id: string, preferences: Preferences, expected?: ExpectedVersion): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const [row] = (await manager.query(
        'select preferences_version as version from app_user where id = $1 for no key update',
        [id],
      )) as [{ version: number }?];
      if (row) requireVersion(row.version, expected);
      await manager.query('update app_user set preferences = $2 where id = $1', [
        id,
        JSON.stringify(preferences),
      ]);
    });
  }

  async grantsOf(ids: readonly string[], tx?: Transaction): Promise<StoredGrant[][]> {
    const rows: (StoredGrant & { userId: string })[] = await managerOf(tx, this.dataSource).query(
      `select user_id as "userId", scope_id as "scopeId", role_id as "roleId", permissions
       from user_grant where user_id = any($1) order by user_id, position`,
      [ids],
    );
    return ids.map((id) =>
      rows
        .filter(({ userId }) => userId === id)
        .map(({ scopeId, roleId, permissions }) => ({ scopeId, roleId, permissions })),
    );
  }
}
