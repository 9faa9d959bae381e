import { LessThan, LessThanOrEqual, MoreThan, type DataSource, type EntityManager } from 'typeorm';
import { MAX_TRIES, type ChallengeStore } from './challenge-store.js';
import { ChallengeTable } from './challenge.table.js';

/** Stores pending two-factor sign-ins in PostgreSQL. */
export class PostgresChallengeStore implements ChallengeStore {
  constructor(private readonly dataSource: DataSource) {}

  async add(manager: EntityManager, tokenHash: Buffer, userId: string, expiresAt: Date): Promise<void> {
    await manager.insert(ChallengeTable, { tokenHash, userId, expiresAt });
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

  async take(manager: EntityManager, tokenHash: Buffer, now: Date): Promise<boolean> {
    const { affected } = await manager.delete(ChallengeTable, { tokenHash, expiresAt: MoreThan(now) });
    return affected === 1;
  }

  async removeOf(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(ChallengeTable, { userId });
  }

  async prune(now: Date): Promise<void> {
    await this.dataSource.manager.delete(ChallengeTable, { expiresAt: LessThanOrEqual(now) });
  }
}
