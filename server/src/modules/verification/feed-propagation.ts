import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.js';
import { badInput } from '../../core/errors.js';
import type { Emitter } from '../../core/events.js';
import type { ChangePropagation, Committed, Propagation } from '../../core/propagation.js';
import type { ChangeFeed } from './change-feed.js';
import type { Heartbeat } from './heartbeat.js';
import type { NodeProgress, NodeRegistry } from './node-registry.js';

/** A change token is the id of the transaction that made the change. */
const CHANGE_TOKEN = /^[1-9]\d{0,18}$/;
/** How long the answer to a change waits for other processes. */
const WAIT_MS = 200;
const LOOK_EVERY_MS = 50;

/** No process that has applied a change is no success: none was heard from. */
const isComplete = ({ nodes, applied }: NodeProgress): boolean => nodes > 0 && applied === nodes;

/** What {@link FeedPropagation} works with. */
export interface FeedPropagationParts {
  readonly feed: Pick<ChangeFeed, 'catchUp' | 'hasApplied'>;
  readonly registry: Pick<NodeRegistry, 'progress'>;
  readonly heartbeat: Pick<Heartbeat, 'company'>;
  /** Emits when another process may have applied something. */
  readonly wakes: Emitter<void>;
  readonly nodeId: string;
  /** Whether this process verifies itself. */
  readonly verifies: boolean;
  /** Monotonic. */
  readonly clock: Clock;
}

/** Says how far changes have come: here, and in every other process that verifies. */
export class FeedPropagation implements ChangePropagation {
  constructor(private readonly parts: FeedPropagationParts) {}

  /** A database that is lost right after the commit leaves the change unapplied for now, and is no error of the mutation. */
  async settle(committed: Committed): Promise<Propagation> {
    const { feed, heartbeat, verifies, clock } = this.parts;
    const startedAtMs = clock.now();
    const applied = await feed.catchUp().then(
      () => true,
      () => false,
    );
    const own = verifies ? 1 : 0;
    const progress =
      heartbeat.company === 0 || !applied
        ? { nodes: own, applied: applied ? own : 0 }
        : await this.wait(BigInt(committed.changeToken), committed.saw, startedAtMs);
    const complete = isComplete(progress);
    const milliseconds = complete ? Math.round(clock.now() - startedAtMs) : null;
    return { changeToken: committed.changeToken, ...progress, complete, milliseconds };
  }

  async status(changeToken: string): Promise<Propagation> {
    if (!CHANGE_TOKEN.test(changeToken)) {
      throw badInput([{ path: 'changeToken', message: 'This is not a change token of a mutation.' }]);
    }
    const progress = await this.progress(BigInt(changeToken), null);
    return { changeToken, ...progress, complete: isComplete(progress), milliseconds: null };
  }

  private async wait(xid: bigint, saw: string, startedAtMs: number): Promise<NodeProgress> {
    const { clock } = this.parts;
    for (;;) {
      const woken = this.nextWake();
      const progress = await this.progress(xid, saw);
      const leftMs = startedAtMs + WAIT_MS - clock.now();
      if (progress.applied === progress.nodes || leftMs <= 0) {
        woken.cancel();
        return progress;
      }
      await Promise.race([woken.promise, sleep(Math.min(leftMs, LOOK_EVERY_MS))]);
      woken.cancel();
    }
  }

  /** This process is counted by what it knows itself: it may not have told the others yet. */
  private async progress(xid: bigint, saw: string | null): Promise<NodeProgress> {
    const { registry, feed, verifies, nodeId } = this.parts;
    const own = { nodes: verifies ? 1 : 0, applied: verifies && feed.hasApplied(xid) ? 1 : 0 };
    try {
      const others = await registry.progress(xid, saw, nodeId);
      return { nodes: others.nodes + own.nodes, applied: others.applied + own.applied };
    } catch {
      return own;
    }
  }

  private nextWake(): { promise: Promise<void>; cancel: () => void } {
    let cancel = (): void => undefined;
    const promise = new Promise<void>((resolve) => {
      cancel = this.parts.wakes.on(() => resolve());
    });
    return { promise, cancel: () => cancel() };
  }
}
