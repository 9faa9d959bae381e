import type { Clock } from '../../core/clock.js';
import type { ChangeFeed } from '../replica/change-feed.js';
import type { ProcessIdentity, ProcessRegistry, ProcessState } from './process-registry.js';

const EVERY_MS = 2000;

export interface HeartbeatDeps {
  readonly feed: Pick<ChangeFeed, 'polled' | 'history'>;
  readonly registry: ProcessRegistry;
  readonly identity: ProcessIdentity;
  /** The state of this process, except what it has applied. */
  readonly state: () => Omit<ProcessState, 'applied'>;
  /** Monotonic. */
  readonly clock: Clock;
}

/**
 * Reports to the other processes what this one has applied: every two seconds, and immediately after a change if
 * there are other processes that could wait for it.
 */
export class Heartbeat {
  private others = 0;
  private holds = 0;
  private applied: string | null = null;
  private dirty = false;
  private running: Promise<void> | null = null;
  private beatAtMs = -Infinity;
  private readonly stop: () => void;

  constructor(private readonly deps: HeartbeatDeps) {
    this.stop = deps.feed.polled.on(({ cursor, changed }) => {
      this.applied = cursor.text;
      if (changed && this.others > 0) this.dirty = true;
      if (this.dirty || deps.clock.now() - this.beatAtMs >= EVERY_MS) this.beat();
    });
  }

  /** Number of other processes at the last beat. */
  get otherProcesses(): number {
    return this.others;
  }

  /** Number of unsettled holds at the last beat. */
  get openHolds(): number {
    return this.holds;
  }

  /** Removes this process from the list. */
  async close(): Promise<void> {
    this.stop();
    await this.running;
    await this.deps.registry.leave(this.deps.identity.id).catch(() => undefined);
  }

  private beat(): void {
    if (this.running || this.applied === null) return;
    this.running = this.send(this.applied);
  }

  private async send(applied: string): Promise<void> {
    const { feed, registry, identity, state, clock } = this.deps;
    const wake = this.dirty;
    this.dirty = false;
    this.beatAtMs = clock.now();
    try {
      const { others, beat, era, holds } = await registry.beat(identity, { applied, ...state() }, wake);
      this.others = others;
      this.holds = holds;
      feed.history.noteBeat(beat, era);
    } catch {
      // The feed reports that the database is unreachable; the next successful poll beats again.
      this.dirty ||= wake;
      this.running = null;
      return;
    }
    this.running = null;
    if (this.dirty) this.beat();
  }
}
