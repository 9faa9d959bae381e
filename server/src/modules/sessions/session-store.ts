import type { EntityManager } from 'typeorm';
import type { LiveSession } from './session.js';
import type { SessionRow } from './session.table.js';

/** Where sessions are kept. */
export interface SessionStore {
  add(manager: EntityManager, row: SessionRow): Promise<void>;
  /** The session of an enabled user with what the user may do, in one query; ended ones may come too. */
  findByToken(tokenHash: Buffer): Promise<LiveSession | null>;
  findById(id: string): Promise<LiveSession | null>;
  noteSeen(id: string, now: Date): Promise<void>;
  /** Whether there was such a session. */
  remove(manager: EntityManager, id: string): Promise<boolean>;
  /** Deletes sessions that ended before this time. */
  prune(now: Date): Promise<void>;
}
