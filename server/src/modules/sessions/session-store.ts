import type { EntityManager } from 'typeorm';
import type { LiveSession, OwnSession } from './session.js';
import type { SessionRow } from './session.table.js';

/** Where sessions are kept. */
export interface SessionStore {
  add(manager: EntityManager, row: SessionRow): Promise<void>;
  /** The session of an enabled user with what the user may do, in one query; ended ones may come too. */
  findByToken(tokenHash: Buffer): Promise<LiveSession | null>;
  findById(id: string, manager?: EntityManager): Promise<LiveSession | null>;
  noteSeen(id: string, now: Date): Promise<void>;
  /** Whether there was such a session. */
  remove(manager: EntityManager, id: string): Promise<boolean>;
  /** The same, for a session of this user only. */
  removeOwn(manager: EntityManager, userId: string, id: string): Promise<boolean>;
  /** Removes all sessions of a user, but for one; how many of them still lived. */
  removeOf(manager: EntityManager, userId: string, except: string | null, now: Date): Promise<number>;
  /** Sessions of a user that still live, latest first. */
  listOf(userId: string, now: Date): Promise<OwnSession[]>;
  /** Deletes sessions that ended before this time. */
  prune(now: Date): Promise<void>;
}
