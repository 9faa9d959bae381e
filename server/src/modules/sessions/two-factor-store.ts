import type { EntityManager } from 'typeorm';
import type { TwoFactorRow } from './two-factor.table.js';

/** Where second factors and their recovery codes are kept. Whatever takes something does so once, however many try. */
export interface TwoFactorStore {
  find(userId: string, manager?: EntityManager): Promise<TwoFactorRow | null>;
  /** Puts a fresh secret in place of one that was never confirmed; false when a confirmed one is there. */
  begin(userId: string, sealedSecret: Buffer, now: Date): Promise<boolean>;
  /** Activates exactly this secret, with the step of the code that proved it; false when it is not there any more. */
  confirm(manager: EntityManager, row: TwoFactorRow, step: number, now: Date): Promise<boolean>;
  /** Takes the second factor away, recovery codes and all; whether an active one was there. */
  remove(manager: EntityManager, userId: string): Promise<boolean>;
  /** Uses up this and all earlier steps; false when that happened before. */
  takeStep(manager: EntityManager, userId: string, step: number): Promise<boolean>;
  replaceRecoveryCodes(manager: EntityManager, userId: string, hashes: readonly Buffer[]): Promise<void>;
  /** Uses up the code; false when there is no such code. */
  takeRecoveryCode(manager: EntityManager, userId: string, hash: Buffer): Promise<boolean>;
  /** Recovery codes left; null without an active second factor. */
  recoveryCodesLeft(userId: string): Promise<number | null>;
  /** Which of these users have an active second factor, in the order of the ids. */
  enabledFor(userIds: readonly string[]): Promise<boolean[]>;
  /** Forgets secrets that were begun before this time and never confirmed. */
  prune(begunBefore: Date): Promise<void>;
}
