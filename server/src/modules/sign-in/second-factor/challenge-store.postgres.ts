import { LessThan, LessThanOrEqual, MoreThan, type DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import { MAX_TRIES, type ChallengeStore } from './challenge-store.js';
import { ChallengeTable } from './challenge.table.js';

/** Stores pending two-factor sign-ins in PostgreSQL. */
export class PostgresChallengeStore implements ChallengeStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(tx: Transaction, tokenHash: Buffer, userId: string, expiresAt: Date): Promise<void> {
    await managerOf(tx).insert(ChallengeTable, { tokenHash, userId, expiresAt });
  }

  async ownerOf(tokenHash: Buffer, now: Date): Promise<string | null> {
    const where = { tokenHash, expiresAt: MoreThan(now), tries: LessThan(MAX_TRIES) };
    return (await this.dataSource.manager.findOneBy(ChallengeTable, where))?.userId ?? null;
  }

  async countTry(tokenHash: Buffer, now: Date): Promise<number | null> {
    const [rows]: [{ tries: number }[], number] = await this.dataSource.query(
      `update sign_in_challenge set tries = tries + 1
       where token_hash = $1 and expires_at > $2 and tries < $3 returning tries`,
      [tokenHash, now, MAX_TRIES],
    );
    return rows[0]?.tries ?? null;
  }

  async take(tx: Transaction, tokenHash: Buffer, now: Date): Promise<boolean> {
    const { affected } = await managerOf(tx).delete(ChallengeTable, { tokenHash, expiresAt: MoreThan(now) });
    return affected === 1;
  }

  async removeOf(tx: Transaction, userId: string): Promise<void> {
    await managerOf(tx).delete(ChallengeTable, { userId });
  }

  async prune(now: Date): Promise<void> {
    await this.dataSource.manager.delete(ChallengeTable, { expiresAt: LessThanOrEqual(now) });
  }
}
