import type { Transaction } from '../../../core/transaction.js';
import type { LiveSession, OwnSession } from './session.js';
import type { SessionRow } from './session.table.js';

/** Stores sessions. */
export interface SessionStore {
  add(tx: Transaction, row: SessionRow): Promise<void>;
  /** The session of an enabled user with the user's permissions, in one query; can return ended sessions. */
  findByToken(tokenHash: Buffer): Promise<LiveSession | null>;
  findById(id: string, tx?: Transaction): Promise<LiveSession | null>;
  noteSeen(id: string, now: Date): Promise<void>;
  /** Whether the session existed. */
  remove(tx: Transaction, id: string): Promise<boolean>;
  /** Like {@link remove}, but only for a session of this user. */
  removeOwn(tx: Transaction, userId: string, id: string): Promise<boolean>;
  /** Removes all sessions of a user except one; returns how many of them were live. */
  removeOf(tx: Transaction, userId: string, except: string | null, now: Date): Promise<number>;
  /** Live sessions of a user, newest first. */
  listOf(userId: string, now: Date): Promise<OwnSession[]>;
  /** Deletes sessions that ended before this time. */
  prune(now: Date): Promise<void>;
}
