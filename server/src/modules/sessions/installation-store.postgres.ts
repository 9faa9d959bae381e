import type { DataSource, EntityManager } from 'typeorm';

/** The one row of `installation`, as far as set-up needs it. */
export class InstallationStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Replaces the hash of the one-time set-up token. */
  async setSetUpToken(hash: Buffer): Promise<void> {
    await this.dataSource.query('update installation set setup_token_hash = $1', [hash]);
  }

  /** Whether this is the hash of the current set-up token. */
  async hasSetUpToken(hash: Buffer): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      'select 1 from installation where setup_token_hash = $1',
      [hash],
    );
    return rows.length === 1;
  }

  /** Consumes the token; of two transactions at once, the second waits and gets false. */
  async takeSetUpToken(manager: EntityManager, hash: Buffer): Promise<boolean> {
    const [, affected]: [unknown[], number] = await manager.query(
      'update installation set setup_token_hash = null where setup_token_hash = $1',
      [hash],
    );
    return affected === 1;
  }

  /** Makes any set-up link given out before worthless. */
  async clearSetUpToken(manager: EntityManager): Promise<void> {
    await manager.query('update installation set setup_token_hash = null');
  }

  /** Lets one transaction at a time go on. */
  async lock(manager: EntityManager): Promise<void> {
    await manager.query('select 1 from installation for update');
  }
}
