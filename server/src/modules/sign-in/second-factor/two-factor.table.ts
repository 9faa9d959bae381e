import { EntitySchema } from 'typeorm';

/** A row of `two_factor`: the second factor of a user; not active until it is confirmed. */
export interface TwoFactorRow {
  readonly userId: string;
  readonly sealedSecret: Buffer;
  readonly begunAt: Date;
  readonly confirmedAt: Date | null;
  /** Time step of the last accepted code. */
  readonly lastStep: number;
}

/** Second factors, by user. */
export const TwoFactorTable = new EntitySchema<TwoFactorRow>({
  name: 'TwoFactor',
  tableName: 'two_factor',
  columns: {
    userId: { type: 'text', name: 'user_id', primary: true, collation: 'C' },
    sealedSecret: { type: 'bytea', name: 'sealed_secret' },
    begunAt: { type: 'timestamptz', name: 'begun_at' },
    confirmedAt: { type: 'timestamptz', name: 'confirmed_at', nullable: true },
    lastStep: { type: 'bigint', name: 'last_step', default: 0 },
  },
});

/** A row of `recovery_code`: an unused code. */
export interface RecoveryCodeRow {
  readonly userId: string;
  readonly codeHash: Buffer;
}

/** Recovery codes, by user and hash. */
export const RecoveryCodeTable = new EntitySchema<RecoveryCodeRow>({
  name: 'RecoveryCode',
  tableName: 'recovery_code',
  columns: {
    userId: { type: 'text', name: 'user_id', primary: true, collation: 'C' },
    codeHash: { type: 'bytea', name: 'code_hash', primary: true },
  },
});
