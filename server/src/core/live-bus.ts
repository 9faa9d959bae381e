import { Emitter } from './events.js';

/** Maps one published value to the values that one subscriber gets: none, one or several. */
export type Select = (payload: unknown) => readonly unknown[];

/** Unread values after which a subscriber is dropped. */
const MAX_UNREAD_VALUES = 1000;

/** The queue of one subscriber. Ends when the reader stops or falls too far behind. */
class Subscriber implements AsyncIterableIterator<unknown> {
  private readonly queue: unknown[] = [];
  private readonly waiting: ((result: IteratorResult<unknown>) => void)[] = [];
  private ended = false;

  constructor(
    private readonly select: Select,
    private readonly leave: (self: Subscriber) => void,
  ) {}

  push(payload: unknown): void {
    for (const value of this.select(payload)) {
      if (this.ended) return;
      const reader = this.waiting.shift();
      if (reader) reader({ value, done: false });
      else if (this.queue.push(value) > MAX_UNREAD_VALUES) this.end();
    }
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.queue.length > 0) return Promise.resolve({ value: this.queue.shift(), done: false });
    if (this.ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  return(): Promise<IteratorResult<unknown>> {
    this.queue.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.leave(this);
    for (const reader of this.waiting.splice(0)) reader({ value: undefined, done: true });
  }
}

/**
 * Publishes to subscribers in this process. Each subscriber has its own queue: one that does not read is dropped after
 * 1,000 values and never slows the others or the publisher. Implements type-graphql's `pubSub`, where `topicId` can be a
 * {@link Select} that filters, splits or throttles for one subscriber.
 */
export class LiveBus {
  /** Emits when a topic gets its first subscriber or loses its last. */
  readonly topicsChanged = new Emitter<void>();
  private readonly topics = new Map<string, Set<Subscriber>>();
  private readonly openers = new Map<string, (request: unknown) => AsyncIterableIterator<unknown>>();

  /** Opens subscriptions to a topic itself, given their `topicId`: for values that are not only those published from now on. */
  serve(topic: string, open: (request: unknown) => AsyncIterableIterator<unknown>): void {
    this.openers.set(topic, open);
  }

  /** Hands the payload to every subscriber of the topic. */
  publish(topic: string, payload?: unknown): void {
    for (const subscriber of this.topics.get(topic) ?? []) subscriber.push(payload);
  }

  /** Subscribes immediately. `select` is a {@link Select}; without one, payloads are passed on unchanged. */
  subscribe(topic: string, select?: unknown): AsyncIterableIterator<unknown> {
    const open = this.openers.get(topic);
    if (open) return open(select);
    const subscribers = this.topics.get(topic) ?? new Set();
    this.topics.set(topic, subscribers);
    const choose = typeof select === 'function' ? (select as Select) : (payload: unknown) => [payload];
    const subscriber = new Subscriber(choose, (self) => {
      subscribers.delete(self);
      if (subscribers.size > 0) return;
      this.topics.delete(topic);
      this.topicsChanged.emit();
    });
    subscribers.add(subscriber);
    if (subscribers.size === 1) this.topicsChanged.emit();
    return subscriber;
  }

  /** Whether a topic has subscribers; without any, publishers need not prepare values. */
  hasSubscribers(topic: string): boolean {
    return this.topics.has(topic);
  }
}
