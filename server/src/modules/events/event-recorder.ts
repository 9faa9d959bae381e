import type { EventType } from '@keywright/schema/event-types';
import type { Clock } from '../../core/clock.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { Transaction } from '../../core/transaction.js';
import type { Cause, DomainEvent, RecordedEvent } from './domain-event.js';

/** Called inside the transaction of an event; an error rolls the change back. */
export type EventSubscriber<T extends EventType> = (
  tx: Transaction,
  event: RecordedEvent<T>,
) => Promise<unknown>;

/** Subscribers, by the type of event. */
export type EventSubscribers = { readonly [T in EventType]?: EventSubscriber<T> };

/** Where events are kept. */
export interface EventLog {
  /** Appends an event; `last` is the last one that is recorded with it. */
  append(tx: Transaction, event: RecordedEvent, last: RecordedEvent): Promise<void>;
}

/** Records events inside the transaction of the change: subscribers and the log commit with it, or not at all. */
export class EventRecorder {
  private readonly subscribers: EventSubscribers[] = [];

  /** @param logs In the order in which they are written to; the audit log, which locks its head, is last. */
  constructor(
    private readonly logs: readonly EventLog[],
    private readonly clock: Clock,
  ) {}

  /** Adds subscribers; they are called in the order in which they were added. */
  subscribe(subscribers: EventSubscribers): void {
    this.subscribers.push(subscribers);
  }

  /** Records events. Call it last in the transaction: it locks the head of the log until the commit. */
  async record(tx: Transaction, { actor, ip }: Cause, ...events: readonly DomainEvent[]): Promise<void> {
    const now = this.clock.now();
    const recorded = events.map((event): RecordedEvent => ({
      ...event,
      actor,
      ip,
      id: newId(ID_PREFIXES.auditEvent, now),
      at: new Date(now),
    }));
    for (const event of recorded) await this.notify(tx, event);
    for (const log of this.logs) for (const event of recorded) await log.append(tx, event, recorded.at(-1)!);
  }

  private async notify(tx: Transaction, event: RecordedEvent): Promise<void> {
    for (const subscribers of this.subscribers) {
      const subscriber = subscribers[event.type] as EventSubscriber<EventType> | undefined;
      await subscriber?.(tx, event);
    }
  }
}
