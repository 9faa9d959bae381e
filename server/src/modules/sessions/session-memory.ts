import type { Clock } from '../../core/clock.js';
import type { LiveSession } from './session.js';

/** How long a session that was read is believed, in milliseconds: a page makes many requests at once. */
export const BELIEVED_MS = 1000;
const MAX_SESSIONS = 1000;

interface Entry {
  readonly session: Promise<LiveSession | null>;
  readonly readAt: number;
}

/**
 * Sessions read within the last second. What ends a session in this process forgets all of them at once; what happens
 * elsewhere (another node, the database) takes effect within the second.
 */
export class SessionMemory {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  /** The session of this key, read when it is not remembered; requests at the same time share one reading. */
  get(key: string, read: () => Promise<LiveSession | null>): Promise<LiveSession | null> {
    const now = this.clock.now();
    const known = this.entries.get(key);
    if (known && Math.abs(now - known.readAt) < BELIEVED_MS) return known.session;
    if (this.entries.size >= MAX_SESSIONS) this.entries.clear();
    const session = read();
    const entry = { session, readAt: now };
    this.entries.set(key, entry);
    // Neither a failure nor an unknown token is worth remembering.
    const drop = (): void => void (this.entries.get(key) === entry && this.entries.delete(key));
    session.then((found) => found ?? drop(), drop);
    return session;
  }

  /** Forgets everything, also what is being read: it may be from before the change. */
  forget(): void {
    this.entries.clear();
  }
}
