import { In, LessThanOrEqual, MoreThan, type DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import type { ActorKind } from '../../access/decide/actor.js';
import type { OpenLink } from '../../users/issued-links.js';
import type { PasswordLinkStore, TakenLink } from './password-link-store.js';
import { PasswordLinkTable, type PasswordLinkRow } from './password-link.table.js';

/** Stores password links in PostgreSQL. */
export class PostgresPasswordLinkStore implements PasswordLinkStore {
  constructor(private readonly dataSource: DataSource) {}

  async replace(tx: Transaction, row: PasswordLinkRow): Promise<void> {
    // Delete and insert instead of updating: on an update, the database clears the issuer.
    await managerOf(tx).query('select 1 from app_user where id = $1 for no key update', [row.userId]);
    await managerOf(tx).delete(PasswordLinkTable, { userId: row.userId });
    await managerOf(tx).insert(PasswordLinkTable, row);
  }

  async ownerOf(tokenHash: Buffer, now: Date): Promise<string | null> {
    const where = { tokenHash, expiresAt: MoreThan(now) };
    return (await this.dataSource.manager.findOneBy(PasswordLinkTable, where))?.userId ?? null;
  }

  async take(tx: Transaction, tokenHash: Buffer, now: Date): Promise<TakenLink | null> {
    const [rows]: [{ kind: ActorKind | null; id: string | null }[], number] = await managerOf(tx).query(
      `delete from password_link where token_hash = $1 and expires_at > $2
       returning issuer_kind as kind, issuer_id as id`,
      [tokenHash, now],
    );
    const [row] = rows;
    return row ? { issuer: row.kind && { kind: row.kind, id: row.id } } : null;
  }

  async noteMailed(tokenHash: Buffer): Promise<void> {
    await this.dataSource.manager.update(PasswordLinkTable, { tokenHash }, { mailed: true });
  }

  async remove(tx: Transaction, userId: string): Promise<void> {
    await managerOf(tx).delete(PasswordLinkTable, { userId });
  }

  async openOf(userIds: readonly string[], now: Date): Promise<(OpenLink | null)[]> {
    const where = { userId: In(userIds), expiresAt: MoreThan(now) };
    const rows = await this.dataSource.manager.findBy(PasswordLinkTable, where);
    return userIds.map((id) => rows.find(({ userId }) => userId === id) ?? null);
  }

  async prune(now: Date): Promise<void> {
    await this.dataSource.manager.delete(PasswordLinkTable, { expiresAt: LessThanOrEqual(now) });
  }
}
