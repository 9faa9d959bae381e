import type { Transaction } from '../../../core/transaction.js';

/** How long a sign-in waits for its second factor, in milliseconds. */
export const CHALLENGE_LIFETIME_MS = 5 * 60_000;

/** Maximum number of codes per sign-in. */
export const MAX_TRIES = 5;

/** Stores sign-ins that wait for their second factor; tokens are stored only as hashes. */
export interface ChallengeStore {
  add(tx: Transaction, tokenHash: Buffer, userId: string, expiresAt: Date): Promise<void>;
  /** The user of this sign-in; null if it has expired or its tries are used up. */
  ownerOf(tokenHash: Buffer, now: Date): Promise<string | null>;
  /** Counts a try before it is checked; returns the number of tries, or null if none is left. */
  countTry(tokenHash: Buffer, now: Date): Promise<number | null>;
  /** Consumes the challenge; of two concurrent transactions, the second waits and gets false. */
  take(tx: Transaction, tokenHash: Buffer, now: Date): Promise<boolean>;
  /** Deletes all challenges of a user. */
  removeOf(tx: Transaction, userId: string): Promise<void>;
  prune(now: Date): Promise<void>;
}
