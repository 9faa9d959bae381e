import { MoreThan, type DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import { SESSION_IDLE_MS, type LiveSession, type OwnSession } from './session.js';
import type { SessionStore } from './session-store.js';
import { SessionTable, type SessionRow } from './session.table.js';

const SELECT = `
  select s.id, s.user_id as "userId", u.name as "userName", s.last_seen_at as "lastSeenAt", s.expires_at as "expiresAt",
    (select coalesce(json_agg(json_build_object('scopeId', g.scope_id, 'roleId', g.role_id, 'permissions', g.permissions)), '[]')
       from user_grant g where g.user_id = u.id and (g.source = 'LOCAL' or s.method = 'OIDC')) as grants,
    s.method = 'PASSWORD' and (select two_factor_required from installation) and not exists (
      select from two_factor f where f.user_id = u.id and f.confirmed_at is not null) as "twoFactorDue"
  from session s join app_user u on u.id = s.user_id and u.enabled`;

/** Maximum number of sessions shown to a user; the newest ones are kept. */
const MAX_LISTED = 200;

const idleSince = (now: Date): Date => new Date(now.getTime() - SESSION_IDLE_MS);

/** Stores sessions in PostgreSQL. */
export class PostgresSessionStore implements SessionStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(tx: Transaction, row: SessionRow): Promise<void> {
    await managerOf(tx).insert(SessionTable, row);
  }

  async findByToken(tokenHash: Buffer): Promise<LiveSession | null> {
    const rows: LiveSession[] = await this.dataSource.query(`${SELECT} where s.token_hash = $1`, [tokenHash]);
    return rows[0] ?? null;
  }

  async findById(id: string, tx?: Transaction): Promise<LiveSession | null> {
    const rows: LiveSession[] = await managerOf(tx, this.dataSource).query(`${SELECT} where s.id = $1`, [id]);
    return rows[0] ?? null;
  }

  async noteSeen(id: string, now: Date): Promise<void> {
    await this.dataSource.query('update session set last_seen_at = $2 where id = $1 and last_seen_at < $2', [
      id,
      now,
    ]);
  }

  async remove(tx: Transaction, id: string): Promise<boolean> {
    const { affected } = await managerOf(tx).delete(SessionTable, { id });
    return affected === 1;
  }

  async removeOwn(tx: Transaction, userId: string, id: string): Promise<boolean> {
    const { affected } = await managerOf(tx).delete(SessionTable, { id, userId });
    return affected === 1;
  }

  async removeOf(tx: Transaction, userId: string, except: string | null, now: Date): Promise<number> {
    const [ended]: [{ live: boolean }[], number] = await managerOf(tx).query(
      `delete from session where user_id = $1 and id is distinct from $2
       returning expires_at > $3 and last_seen_at > $4 as live`,
      [userId, except, now, idleSince(now)],
    );
    return ended.filter(({ live }) => live).length;
  }

  listOf(userId: string, now: Date): Promise<OwnSession[]> {
    return this.dataSource.manager.find(SessionTable, {
      where: { userId, expiresAt: MoreThan(now), lastSeenAt: MoreThan(idleSince(now)) },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: MAX_LISTED,
    });
  }

  async prune(now: Date): Promise<void> {
    await this.dataSource.query('delete from session where expires_at < $1 or last_seen_at < $2', [
      now,
      idleSince(now),
    ]);
  }
}
