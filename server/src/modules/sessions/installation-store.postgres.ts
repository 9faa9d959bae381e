import type { DataSource, EntityManager } from 'typeorm';
import { installationRow } from '../../core/queries.js';

/** The one row of `installation`, as far as set-up and signing in need it. */
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

  /** Whether everyone who signs in with a password needs a second factor. */
  async twoFactorRequired(): Promise<boolean> {
    const rows: { required: boolean }[] = await this.dataSource.query(
      'select two_factor_required as required from installation',
    );
    return installationRow(rows).required;
  }

  /** Sets that; whether it was otherwise before. */
  async setTwoFactorRequired(manager: EntityManager, required: boolean): Promise<boolean> {
    const [, affected]: [unknown[], number] = await manager.query(
      'update installation set two_factor_required = $1 where two_factor_required <> $1',
      [required],
    );
    return affected === 1;
  }

  /** Lets one transaction at a time go on. */
  async lock(manager: EntityManager): Promise<void> {
    await manager.query('select 1 from installation for update');
  }
}
