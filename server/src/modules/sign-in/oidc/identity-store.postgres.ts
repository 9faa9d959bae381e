import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import { TEXT_LOCKS } from '../../../core/advisory-locks.js';
import { ID_PREFIXES, newId } from '../../../core/id.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { foldEmail, type User } from '../../users/user.js';
import { UserTable } from '../../users/user.table.js';
import type { ExternalGrant, ExternalProfile, IdentityStore } from './identity-store.js';
import { UserIdentityTable } from './user-identity.table.js';

const GRANT = `r.id as "roleId", r.name as "roleName", s.id as "scopeId", s.name as "scopeName",
  ('*' = any(r.permissions) and s.id = '${ROOT_SCOPE.id}') as "isOwner"`;

/** Stores identities in PostgreSQL. */
export class PostgresIdentityStore implements IdentityStore {
  async lock(tx: Transaction, issuer: string, subject: string): Promise<void> {
    await managerOf(tx).query('select pg_advisory_xact_lock($1, hashtext($2))', [
      TEXT_LOCKS.externalIdentity,
      `${issuer} ${subject}`,
    ]);
  }

  async findByIdentity(tx: Transaction, issuer: string, subject: string): Promise<User | null> {
    const identity = await managerOf(tx).findOneBy(UserIdentityTable, { issuer, subject });
    return identity && this.locked(tx, { id: identity.userId });
  }

  findByEmail(tx: Transaction, email: string): Promise<User | null> {
    return this.locked(tx, { emailFolded: foldEmail(email) });
  }

  isLinked(tx: Transaction, userId: string, issuer: string): Promise<boolean> {
    return managerOf(tx).existsBy(UserIdentityTable, { userId, issuer });
  }

  async link(
    tx: Transaction,
    { issuer, subject }: { readonly issuer: string; readonly subject: string },
    userId: string,
    now: Date,
  ): Promise<void> {
    await managerOf(tx).insert(UserIdentityTable, { issuer, subject, userId, createdAt: now });
  }

  async takeOver(tx: Transaction, id: string): Promise<User> {
    await managerOf(tx).update(UserTable, { id }, { passwordHash: null, external: true });
    for (const table of ['password_link', 'session', 'sign_in_challenge']) {
      await managerOf(tx).query(`delete from ${table} where user_id = $1`, [id]);
    }
    return managerOf(tx).findOneByOrFail(UserTable, { id });
  }

  async add(tx: Transaction, { email, name }: ExternalProfile, now: Date): Promise<User> {
    const id = newId(ID_PREFIXES.user, now.getTime());
    const emailFolded = foldEmail(email);
    await managerOf(tx).insert(UserTable, {
      id,
      email,
      emailFolded,
      name,
      passwordHash: null,
      external: true,
      createdAt: now,
    });
    return managerOf(tx).findOneByOrFail(UserTable, { id });
  }

  grantsFor(
    tx: Transaction,
    wanted: readonly { readonly roleId: string; readonly scopeId: string }[],
  ): Promise<ExternalGrant[]> {
    return managerOf(tx).query(
      `select distinct ${GRANT}
       from unnest($1::text[], $2::text[]) w(role_id, scope_id)
       join role r on r.id = w.role_id join scope s on s.id = w.scope_id
       order by "scopeId", "roleId"`,
      [wanted.map(({ roleId }) => roleId), wanted.map(({ scopeId }) => scopeId)],
    );
  }

  externalGrants(tx: Transaction, userId: string): Promise<ExternalGrant[]> {
    return managerOf(tx).query(
      `select ${GRANT} from user_grant g join role r on r.id = g.role_id join scope s on s.id = g.scope_id
       where g.user_id = $1 and g.source = 'OIDC' order by "scopeId", "roleId"`,
      [userId],
    );
  }

  async replaceExternalGrants(
    tx: Transaction,
    userId: string,
    grants: readonly ExternalGrant[],
  ): Promise<void> {
    await managerOf(tx).query(`delete from user_grant where user_id = $1 and source = 'OIDC'`, [userId]);
    await managerOf(tx).query(
      `insert into user_grant (user_id, position, scope_id, role_id, source)
       select $1, (select coalesce(max(position), -1) from user_grant where user_id = $1) + w.nr, w.scope_id, w.role_id, 'OIDC'
       from unnest($2::text[], $3::text[]) with ordinality w(scope_id, role_id, nr)`,
      [userId, grants.map(({ scopeId }) => scopeId), grants.map(({ roleId }) => roleId)],
    );
  }

  private locked(tx: Transaction, where: { id: string } | { emailFolded: string }): Promise<User | null> {
    return managerOf(tx).findOne(UserTable, { where, lock: { mode: 'pessimistic_write' } });
  }
}
