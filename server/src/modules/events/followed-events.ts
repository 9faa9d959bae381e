import type { Clock } from '../../core/clock.js';
import { isLater, parseSnapshot, sees, type Snapshot } from '../../core/snapshot.js';
import { encodeEventCursor, type EventCursor } from './event-cursor.js';
import type { CommittedEvent } from './event.js';
import type { EventSource } from './event-source.js';
import { RESTORED, type LiveEvent } from './live-events.js';

/** Topic of {@link FollowedEvent}; subscriptions to it pass a {@link FollowRequest}. */
export const FOLLOWED_EVENTS = 'followedEvents';

/** What a subscription follows. */
export interface FollowRequest {
  /** null: from now on. */
  readonly after: EventCursor | null;
  /** Whether the caller asked for the event and can see it. */
  readonly wants: (event: CommittedEvent) => boolean;
}

/** An event with the cursor after which following continues. */
export interface FollowedEvent extends CommittedEvent {
  readonly cursor: string;
}

export interface FollowDeps {
  readonly source: EventSource;
  readonly clock: Clock;
  /** Events of this process from the moment of the call on. */
  readonly live: AsyncIterableIterator<unknown>;
  /** Resolves once all later events will be among them. */
  readonly ready: () => Promise<void>;
}

/**
 * Events after a cursor, or from now on, without gap or double: first those that were committed in the meantime, then live
 * ones that were not among them.
 */
export class FollowedEvents implements AsyncIterableIterator<FollowedEvent> {
  /** What was read before live events. */
  private seen: Snapshot | undefined;
  private readonly backlog: FollowedEvent[] = [];
  /** Where to read on before live events begin; null once they have begun. */
  private position: EventCursor | null;
  private readonly wants: FollowRequest['wants'];

  constructor(
    private readonly deps: FollowDeps,
    { after, wants }: FollowRequest,
  ) {
    this.position = after;
    this.wants = wants;
  }

  async next(): Promise<IteratorResult<FollowedEvent>> {
    if (this.seen === undefined) await this.readBacklog();
    const value = this.backlog.shift() ?? (await this.readUntilWanted()) ?? (await this.nextLive());
    return value ? { value, done: false } : { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<FollowedEvent>> {
    this.backlog.length = 0;
    this.position = null;
    await this.deps.live.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async readBacklog(): Promise<void> {
    await this.deps.ready();
    if (this.position) await this.readPage();
    else this.seen = parseSnapshot(await this.deps.source.now());
  }

  /** The next event that is wanted before live events begin; undefined if there is none. */
  private async readUntilWanted(): Promise<FollowedEvent | undefined> {
    while (this.position && this.backlog.length === 0) await this.readPage();
    return this.backlog.shift();
  }

  /** Reads a page of the backlog; the position is null once all of it was read. */
  private async readPage(): Promise<void> {
    const { seen, round: begun } = this.position!;
    const { until, events, more } = await this.deps.source.round({ seen, until: begun?.until, after: begun });
    for (const event of events) {
      if (this.wants(event)) this.backlog.push(this.withCursor(event, seen, until));
    }
    this.seen = parseSnapshot(until);
    const last = events.at(-1);
    const atMs = this.deps.clock.now();
    if (more) this.position = { atMs, seen, round: { until, xid: last!.xid, seq: last!.seq } };
    // A round that a cursor began ends before events that came after it.
    else this.position = begun ? { atMs, seen: until } : null;
  }

  private async nextLive(): Promise<FollowedEvent | undefined> {
    for (;;) {
      const { value, done } = await this.deps.live.next();
      if (done) return undefined;
      if (value === RESTORED) {
        // Whoever subscribes again with a cursor is told why it is void.
        await this.return();
        return undefined;
      }
      const { event, seen, until } = value as LiveEvent;
      if (sees(this.seen!, BigInt(event.xid)) || !this.wants(event)) continue;
      return this.withCursor(event, isLater(this.seen!, seen) ? this.seen!.text : seen.text, until);
    }
  }

  private withCursor(event: CommittedEvent, seen: string, until: string): FollowedEvent {
    const round = { until, xid: event.xid, seq: event.seq };
    return { ...event, cursor: encodeEventCursor({ atMs: this.deps.clock.now(), seen, round }) };
  }
}
