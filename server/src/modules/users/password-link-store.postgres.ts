import { In, LessThanOrEqual, MoreThan, type DataSource, type EntityManager } from 'typeorm';
import type { OpenLink } from './password-link.js';
import type { PasswordLinkStore } from './password-link-store.js';
import { PasswordLinkTable, type PasswordLinkRow } from './password-link.table.js';

/** Links to choose a password in PostgreSQL. */
export class PostgresPasswordLinkStore implements PasswordLinkStore {
  constructor(private readonly dataSource: DataSource) {}

  async replace(manager: EntityManager, row: PasswordLinkRow): Promise<void> {
    await manager.upsert(PasswordLinkTable, row, ['userId']);
  }

  async ownerOf(tokenHash: Buffer, now: Date): Promise<string | null> {
    const where = { tokenHash, expiresAt: MoreThan(now) };
    return (await this.dataSource.manager.findOneBy(PasswordLinkTable, where))?.userId ?? null;
  }

  async take(manager: EntityManager, tokenHash: Buffer, now: Date): Promise<boolean> {
    const { affected } = await manager.delete(PasswordLinkTable, { tokenHash, expiresAt: MoreThan(now) });
    return affected === 1;
  }

  async noteMailed(tokenHash: Buffer): Promise<void> {
    await this.dataSource.manager.update(PasswordLinkTable, { tokenHash }, { mailed: true });
  }

  async remove(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(PasswordLinkTable, { userId });
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
