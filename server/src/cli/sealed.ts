import type { DataSource } from 'typeorm';
import type { SealedRows } from '../core/sealed-rows.js';
import { SealedSigningSecrets } from '../modules/keys/sealed-signing-secrets.postgres.js';
import { SealedSecondFactors } from '../modules/sign-in/second-factor/sealed-second-factors.postgres.js';

/** All stores of sealed secrets. */
export const sealedRowsIn = (dataSource: DataSource): readonly SealedRows[] => [
  new SealedSecondFactors(dataSource),
  new SealedSigningSecrets(dataSource),
];
