import type { DataSource } from 'typeorm';
import type { SealedRow, SealedRows } from '../../../core/sealed-rows.js';
import { aboutSecondFactor, SECOND_FACTOR_BOX } from './second-factor-seal.js';

/** The sealed secrets of second factors, for re-encryption. */
export class SealedSecondFactors implements SealedRows {
  readonly name = 'second factors';
  readonly purpose = SECOND_FACTOR_BOX;
  readonly about = aboutSecondFactor;

  constructor(private readonly dataSource: DataSource) {}

  after(id: string, limit: number): Promise<SealedRow[]> {
    return this.dataSource.query(
      `select user_id as id, sealed_secret as sealed from two_factor where user_id > $1 order by user_id limit $2`,
      [id, limit],
    );
  }

  async replace(id: string, before: Buffer, after: Buffer): Promise<void> {
    await this.dataSource.query(
      'update two_factor set sealed_secret = $3 where user_id = $1 and sealed_secret = $2',
      [id, before, after],
    );
  }
}
