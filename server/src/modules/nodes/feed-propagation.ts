import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.js';
import { badInput } from '../../core/errors.js';
import type { Emitter } from '../../core/events.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import type { ChangePropagation, Committed, Propagation } from '../../core/propagation.js';
import type { ChangeFeed } from '../replica/change-feed.js';
import type { Heartbeat } from './heartbeat.js';
import type { CommittedChange, ChangeProgress, ProcessRegistry } from './process-registry.js';

/** Transaction id of the change, and an audit event id, which older versions omitted. */
const CHANGE_TOKEN = /^([1-9]\d{0,18})(?:-(\w{1,40}))?$/;
/** How long the response to a change waits for other processes. */
const WAIT_MS = 200;
const LOOK_EVERY_MS = 50;

function readToken(changeToken: string): CommittedChange {
  const [, xid, auditEventId = null] = CHANGE_TOKEN.exec(changeToken) ?? [];
  if (xid === undefined || (auditEventId !== null && !isId(ID_PREFIXES.auditEvent, auditEventId))) {
    throw badInput([{ path: 'changeToken', message: 'This is not a valid change token.' }]);
  }
  return { xid: BigInt(xid), auditEventId };
}

/** Zero processes do not count as complete: none has reported. */
const isComplete = ({ nodes, applied }: ChangeProgress): boolean => nodes > 0 && applied === nodes;

export interface FeedPropagationDeps {
  readonly feed: Pick<ChangeFeed, 'catchUp' | 'hasApplied'>;
  readonly registry: Pick<ProcessRegistry, 'progress'>;
  readonly heartbeat: Pick<Heartbeat, 'otherProcesses'>;
  /** Emits when another process may have applied a change. */
  readonly wakes: Emitter<void>;
  readonly processId: string;
  /** Whether this process verifies keys itself. */
  readonly verifies: boolean;
  /** Monotonic. */
  readonly clock: Clock;
}

/** Reports how far changes have propagated: in this process and in every other one that verifies. */
export class FeedPropagation implements ChangePropagation {
  constructor(private readonly deps: FeedPropagationDeps) {}

  /** Losing the database right after the commit leaves the change unapplied for now; it does not fail the mutation. */
  async settle(committed: Committed): Promise<Propagation> {
    const { feed, heartbeat, verifies, clock } = this.deps;
    const startedAtMs = clock.now();
    const applied = await feed.catchUp().then(
      () => true,
      () => false,
    );
    const own = verifies ? 1 : 0;
    const progress =
      heartbeat.otherProcesses === 0 || !applied
        ? { nodes: own, applied: applied ? own : 0 }
        : await this.wait(readToken(committed.changeToken), committed.saw, startedAtMs);
    const complete = isComplete(progress);
    const milliseconds = complete ? Math.round(clock.now() - startedAtMs) : null;
    return { changeToken: committed.changeToken, ...progress, complete, milliseconds };
  }

  async status(changeToken: string): Promise<Propagation> {
    const progress = await this.progress(readToken(changeToken), null);
    return { changeToken, ...progress, complete: isComplete(progress), milliseconds: null };
  }

  private async wait(made: CommittedChange, saw: string, startedAtMs: number): Promise<ChangeProgress> {
    const { clock } = this.deps;
    for (;;) {
      const woken = this.nextWake();
      const progress = await this.progress(made, saw);
      const leftMs = startedAtMs + WAIT_MS - clock.now();
      if (progress.applied === progress.nodes || leftMs <= 0) {
        woken.cancel();
        return progress;
      }
      await Promise.race([woken.promise, sleep(Math.min(leftMs, LOOK_EVERY_MS))]);
      woken.cancel();
    }
  }

  /** Counts this process by its own state, which it may not have reported to the others yet. */
  private async progress(made: CommittedChange, saw: string | null): Promise<ChangeProgress> {
    const { registry, feed, verifies, processId } = this.deps;
    const nodes = verifies ? 1 : 0;
    try {
      const others = await registry.progress(made, saw, processId);
      if (!others.kept) return { nodes: others.nodes + nodes, applied: 0 };
      const applied = verifies && feed.hasApplied(made.xid, others.era) ? 1 : 0;
      return { nodes: others.nodes + nodes, applied: others.applied + applied };
    } catch {
      return { nodes, applied: 0 };
    }
  }

  private nextWake(): { promise: Promise<void>; cancel: () => void } {
    let cancel = (): void => undefined;
    const promise = new Promise<void>((resolve) => {
      cancel = this.deps.wakes.on(() => resolve());
    });
    return { promise, cancel: () => cancel() };
  }
}
