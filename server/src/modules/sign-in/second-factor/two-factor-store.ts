import type { Transaction } from '../../../core/transaction.js';
import type { TwoFactorRow } from './two-factor.table.js';

/** Stores second factors and their recovery codes. Each code and step can be consumed only once, even concurrently. */
export interface TwoFactorStore {
  find(userId: string, tx?: Transaction): Promise<TwoFactorRow | null>;
  /** Stores a new secret, replacing an unconfirmed one; false if a confirmed one exists. */
  begin(userId: string, sealedSecret: Buffer, now: Date): Promise<boolean>;
  /** Activates exactly this secret, with the step of the code that proved it; false if it no longer exists. */
  confirm(tx: Transaction, row: TwoFactorRow, step: number, now: Date): Promise<boolean>;
  /** Deletes the second factor and its recovery codes; returns whether an active one existed. */
  remove(tx: Transaction, userId: string): Promise<boolean>;
  /** Consumes this and all earlier steps; false if the step was already consumed. */
  takeStep(tx: Transaction, userId: string, step: number): Promise<boolean>;
  replaceRecoveryCodes(tx: Transaction, userId: string, hashes: readonly Buffer[]): Promise<void>;
  /** Consumes the code; false if there is no such code. */
  takeRecoveryCode(tx: Transaction, userId: string, hash: Buffer): Promise<boolean>;
  /** Number of recovery codes left; null without an active second factor. */
  recoveryCodesLeft(userId: string): Promise<number | null>;
  /** Which of these users have an active second factor, in the order of the ids. */
  enabledFor(userIds: readonly string[]): Promise<boolean[]>;
  /** Deletes unconfirmed secrets created before this time. */
  prune(begunBefore: Date): Promise<void>;
}
