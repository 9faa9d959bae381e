import type { EntityManager } from 'typeorm';
import type { TwoFactorRow } from './two-factor.table.js';

/** Stores second factors and their recovery codes. Each code and step can be consumed only once, even concurrently. */
export interface TwoFactorStore {
  find(userId: string, manager?: EntityManager): Promise<TwoFactorRow | null>;
  /** Stores a new secret, replacing an unconfirmed one; false if a confirmed one exists. */
  begin(userId: string, sealedSecret: Buffer, now: Date): Promise<boolean>;
  /** Activates exactly this secret, with the step of the code that proved it; false if it no longer exists. */
  confirm(manager: EntityManager, row: TwoFactorRow, step: number, now: Date): Promise<boolean>;
  /** Deletes the second factor and its recovery codes; returns whether an active one existed. */
  remove(manager: EntityManager, userId: string): Promise<boolean>;
  /** Consumes this and all earlier steps; false if the step was already consumed. */
  takeStep(manager: EntityManager, userId: string, step: number): Promise<boolean>;
  replaceRecoveryCodes(manager: EntityManager, userId: string, hashes: readonly Buffer[]): Promise<void>;
  /** Consumes the code; false if there is no such code. */
  takeRecoveryCode(manager: EntityManager, userId: string, hash: Buffer): Promise<boolean>;
  /** Number of recovery codes left; null without an active second factor. */
  recoveryCodesLeft(userId: string): Promise<number | null>;
  /** Which of these users have an active second factor, in the order of the ids. */
  enabledFor(userIds: readonly string[]): Promise<boolean[]>;
  /** Deletes unconfirmed secrets created before this time. */
  prune(begunBefore: Date): Promise<void>;
}
