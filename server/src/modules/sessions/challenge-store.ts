import type { EntityManager } from 'typeorm';

/** How long a sign-in waits for its second factor. */
export const CHALLENGE_LIFETIME_MS = 5 * 60_000;

/** Most codes that one sign-in may try. */
export const MAX_TRIES = 5;

/** Where sign-ins wait for their second factor; their tokens are only ever kept as hashes. */
export interface ChallengeStore {
  add(manager: EntityManager, tokenHash: Buffer, userId: string, expiresAt: Date): Promise<void>;
  /** Whose sign-in this is; null once it expired or its tries are used up. */
  ownerOf(tokenHash: Buffer, now: Date): Promise<string | null>;
  /** Counts a try before it is checked; how many there were, or null when none is left. */
  countTry(tokenHash: Buffer, now: Date): Promise<number | null>;
  /** Consumes it; of two transactions at once, the second waits and gets false. */
  take(manager: EntityManager, tokenHash: Buffer, now: Date): Promise<boolean>;
  /** Ends all of a user. */
  removeOf(manager: EntityManager, userId: string): Promise<void>;
  prune(now: Date): Promise<void>;
}
