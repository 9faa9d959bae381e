import { In, IsNull, LessThan, Not, type DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import type { TwoFactorStore } from './two-factor-store.js';
import { RecoveryCodeTable, TwoFactorTable, type TwoFactorRow } from './two-factor.table.js';

/** Stores second factors in PostgreSQL. */
export class PostgresTwoFactorStore implements TwoFactorStore {
  constructor(private readonly dataSource: DataSource) {}

  find(userId: string, tx?: Transaction): Promise<TwoFactorRow | null> {
    return managerOf(tx, this.dataSource).findOneBy(TwoFactorTable, { userId });
  }

  async begin(userId: string, sealedSecret: Buffer, now: Date): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      `insert into two_factor as t (user_id, sealed_secret, begun_at) values ($1, $2, $3)
       on conflict (user_id) do update set sealed_secret = $2, begun_at = $3, last_step = 0
         where t.confirmed_at is null
       returning 1`,
      [userId, sealedSecret, now],
    );
    return rows.length === 1;
  }

  async confirm(tx: Transaction, row: TwoFactorRow, step: number, now: Date): Promise<boolean> {
    const { userId, sealedSecret } = row;
    const where = { userId, sealedSecret, confirmedAt: IsNull() };
    const { affected } = await managerOf(tx).update(TwoFactorTable, where, {
      confirmedAt: now,
      lastStep: step,
    });
    return affected === 1;
  }

  async remove(tx: Transaction, userId: string): Promise<boolean> {
    const active = await managerOf(tx).delete(TwoFactorTable, { userId, confirmedAt: Not(IsNull()) });
    await managerOf(tx).delete(TwoFactorTable, { userId });
    return active.affected === 1;
  }

  async takeStep(tx: Transaction, userId: string, step: number): Promise<boolean> {
    const where = { userId, confirmedAt: Not(IsNull()), lastStep: LessThan(step) };
    const { affected } = await managerOf(tx).update(TwoFactorTable, where, { lastStep: step });
    return affected === 1;
  }

  async replaceRecoveryCodes(tx: Transaction, userId: string, hashes: readonly Buffer[]): Promise<void> {
    await managerOf(tx).delete(RecoveryCodeTable, { userId });
    await managerOf(tx).insert(
      RecoveryCodeTable,
      hashes.map((codeHash) => ({ userId, codeHash })),
    );
  }

  async takeRecoveryCode(tx: Transaction, userId: string, codeHash: Buffer): Promise<boolean> {
    const { affected } = await managerOf(tx).delete(RecoveryCodeTable, { userId, codeHash });
    return affected === 1;
  }

  async recoveryCodesLeft(userId: string): Promise<number | null> {
    const rows: { left: number }[] = await this.dataSource.query(
      `select (select count(*) from recovery_code c where c.user_id = t.user_id)::int as left
       from two_factor t where t.user_id = $1 and t.confirmed_at is not null`,
      [userId],
    );
    return rows[0]?.left ?? null;
  }

  async enabledFor(userIds: readonly string[]): Promise<boolean[]> {
    const rows = await this.dataSource.manager.find(TwoFactorTable, {
      select: { userId: true },
      where: { userId: In(userIds), confirmedAt: Not(IsNull()) },
    });
    const enabled = new Set(rows.map(({ userId }) => userId));
    return userIds.map((id) => enabled.has(id));
  }

  async prune(begunBefore: Date): Promise<void> {
    const where = { confirmedAt: IsNull(), begunAt: LessThan(begunBefore) };
    await this.dataSource.manager.delete(TwoFactorTable, where);
  }
}
