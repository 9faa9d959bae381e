import type { EntityManager } from 'typeorm';
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
  async lock(manager: EntityManager, issuer: string, subject: string): Promise<void> {
    await manager.query('select pg_advisory_xact_lock($1, hashtext($2))', [
      TEXT_LOCKS.externalIdentity,
      `${issuer} ${subject}`,
    ]);
  }

  async findByIdentity(manager: EntityManager, issuer: string, subject: string): Promise<User | null> {
    const identity = await manager.findOneBy(UserIdentityTable, { issuer, subject });
    return identity && this.locked(manager, { id: identity.userId });
  }

  findByEmail(manager: EntityManager, email: string): Promise<User | null> {
    return this.locked(manager, { emailFolded: foldEmail(email) });
  }

  isLinked(manager: EntityManager, userId: string, issuer: string): Promise<boolean> {
    return manager.existsBy(UserIdentityTable, { userId, issuer });
  }

  async link(
    manager: EntityManager,
    { issuer, subject }: { readonly issuer: string; readonly subject: string },
    userId: string,
    now: Date,
  ): Promise<void> {
    await manager.insert(UserIdentityTable, { issuer, subject, userId, createdAt: now });
  }

  async takeOver(manager: EntityManager, id: string): Promise<User> {
    await manager.update(UserTable, { id }, { passwordHash: null, external: true });
    for (const table of ['password_link', 'session', 'sign_in_challenge']) {
      await manager.query(`delete from ${table} where user_id = $1`, [id]);
    }
    return manager.findOneByOrFail(UserTable, { id });
  }

  async add(manager: EntityManager, { email, name }: ExternalProfile, now: Date): Promise<User> {
    const id = newId(ID_PREFIXES.user, now.getTime());
    const emailFolded = foldEmail(email);
    await manager.insert(UserTable, {
      id,
      email,
      emailFolded,
      name,
      passwordHash: null,
      external: true,
      createdAt: now,
    });
    return manager.findOneByOrFail(UserTable, { id });
  }

  grantsFor(
    manager: EntityManager,
    wanted: readonly { readonly roleId: string; readonly scopeId: string }[],
  ): Promise<ExternalGrant[]> {
    return manager.query(
      `select distinct ${GRANT}
       from unnest($1::text[], $2::text[]) w(role_id, scope_id)
       join role r on r.id = w.role_id join scope s on s.id = w.scope_id
       order by "scopeId", "roleId"`,
      [wanted.map(({ roleId }) => roleId), wanted.map(({ scopeId }) => scopeId)],
    );
  }

  externalGrants(manager: EntityManager, userId: string): Promise<ExternalGrant[]> {
    return manager.query(
      `select ${GRANT} from user_grant g join role r on r.id = g.role_id join scope s on s.id = g.scope_id
       where g.user_id = $1 and g.source = 'OIDC' order by "scopeId", "roleId"`,
      [userId],
    );
  }

  async replaceExternalGrants(
    manager: EntityManager,
    userId: string,
    grants: readonly ExternalGrant[],
  ): Promise<void> {
    await manager.query(`delete from user_grant where user_id = $1 and source = 'OIDC'`, [userId]);
    await manager.query(
      `insert into user_grant (user_id, position, scope_id, role_id, source)
       select $1, (select coalesce(max(position), -1) from user_grant where user_id = $1) + w.nr, w.scope_id, w.role_id, 'OIDC'
       from unnest($2::text[], $3::text[]) with ordinality w(scope_id, role_id, nr)`,
      [userId, grants.map(({ scopeId }) => scopeId), grants.map(({ roleId }) => roleId)],
    );
  }

  private locked(
    manager: EntityManager,
    where: { id: string } | { emailFolded: string },
  ): Promise<User | null> {
    return manager.findOne(UserTable, { where, lock: { mode: 'pessimistic_write' } });
  }
}
