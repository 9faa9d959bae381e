import type { DataSource } from 'typeorm';
import { managerOf } from '../../../core/transaction.postgres.js';
import type { Transaction } from '../../../core/transaction.js';
import { installationRow } from '../../../core/queries.js';

/** The single row of `installation`: the columns for setup and sign-in. */
export class InstallationStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Replaces the hash of the one-time setup token. */
  async setSetUpToken(hash: Buffer): Promise<void> {
    await this.dataSource.query('update installation set setup_token_hash = $1', [hash]);
  }

  /** Whether this is the hash of the current setup token. */
  async hasSetUpToken(hash: Buffer): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      'select 1 from installation where setup_token_hash = $1',
      [hash],
    );
    return rows.length === 1;
  }

  /** Consumes the token; of two concurrent transactions, the second waits and gets false. */
  async takeSetUpToken(tx: Transaction, hash: Buffer): Promise<boolean> {
    const [, affected]: [unknown[], number] = await managerOf(tx).query(
      'update installation set setup_token_hash = null where setup_token_hash = $1',
      [hash],
    );
    return affected === 1;
  }

  /** Invalidates the current setup link. */
  async clearSetUpToken(tx: Transaction): Promise<void> {
    await managerOf(tx).query('update installation set setup_token_hash = null');
  }

  /** Whether password sign-ins require a second factor. */
  async twoFactorRequired(): Promise<boolean> {
    const rows: { required: boolean }[] = await this.dataSource.query(
      'select two_factor_required as required from installation',
    );
    return installationRow(rows).required;
  }

  /** Sets whether they do; returns whether that changed anything. */
  async setTwoFactorRequired(tx: Transaction, required: boolean): Promise<boolean> {
    const [, affected]: [unknown[], number] = await managerOf(tx).query(
      'update installation set two_factor_required = $1 where two_factor_required <> $1',
      [required],
    );
    return affected === 1;
  }

  /** Serializes transactions on this row. */
  async lock(tx: Transaction): Promise<void> {
    await managerOf(tx).query('select 1 from installation for update');
  }
}
