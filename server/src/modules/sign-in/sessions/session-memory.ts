import type { Clock } from '../../../core/clock.js';
import type { LiveSession } from './session.js';

/** How long a session is cached, in milliseconds: a page makes many requests in a burst. */
export const SESSION_TTL_MS = 1000;
const MAX_SESSIONS = 1000;

interface Entry {
  readonly session: Promise<LiveSession | null>;
  readonly readAt: number;
}

/**
 * Caches sessions for a second. Ending any session in this process evicts all of them; changes elsewhere (another
 * process, the database) take effect within the second.
 */
export class SessionMemory {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly clock: Clock) {}

  /** The session of this key, read unless it is cached; concurrent requests share one read. */
  get(key: string, read: () => Promise<LiveSession | null>): Promise<LiveSession | null> {
    const now = this.clock.now();
    const known = this.entries.get(key);
    if (known && Math.abs(now - known.readAt) < SESSION_TTL_MS) return known.session;
    if (this.entries.size >= MAX_SESSIONS) this.entries.clear();
    const session = read();
    const entry = { session, readAt: now };
    this.entries.set(key, entry);
    // Do not cache failures or unknown tokens.
    const drop = (): void => void (this.entries.get(key) === entry && this.entries.delete(key));
    session.then((found) => found ?? drop(), drop);
    return session;
  }

  /** Evicts everything, including reads in progress: they can predate the change. */
  forget(): void {
    this.entries.clear();
  }
}
