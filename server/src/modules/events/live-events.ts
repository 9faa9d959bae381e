import type { LiveBus } from '../../core/live-bus.js';
import { parseSnapshot, type Snapshot } from '../../core/snapshot.js';
import type { CommittedEvent } from './event.js';
import type { EventSource } from './event-source.js';

/** Topic of {@link LiveEvent}. */
export const EVENT_TOPIC = 'event';

const POLL_MS = 500;
const RETRY_MS = 2_000;

/** An event that was just committed, with the round in which it was read. */
export interface LiveEvent {
  readonly event: CommittedEvent;
  readonly seen: Snapshot;
  readonly until: string;
}

/** Published instead of an event after a restore from an older backup: cursors of the time before it are void. */
export const RESTORED = 'RESTORED';

/** Publishes events to the subscribers of this process as they are committed; reads nothing while there are none. */
export class LiveEvents {
  private running: Promise<void> | undefined;
  private seen: Snapshot | undefined;
  private wakeUp: (() => void) | undefined;
  private closed = false;

  constructor(
    private readonly source: EventSource,
    private readonly bus: LiveBus,
    private readonly log: (message: string, error?: unknown) => void,
  ) {}

  /** Resolves once all events that are committed from then on will be published. Call it after subscribing. */
  async ready(): Promise<void> {
    if (this.seen === undefined || this.running === undefined) {
      const now = parseSnapshot(await this.source.now());
      this.seen ??= now;
    }
    this.running ??= this.run();
  }

  /** Reads at once: something was committed. */
  wake(): void {
    this.wakeUp?.();
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  private async run(): Promise<void> {
    let failing = false;
    while (!this.closed && this.bus.hasSubscribers(EVENT_TOPIC)) {
      let pauseMs = POLL_MS;
      try {
        await this.read();
        failing = false;
      } catch (error) {
        if (!failing) this.log('Events could not be read for subscriptions; trying again.', error);
        failing = true;
        pauseMs = RETRY_MS;
        await this.startAgainIfRestored();
      }
      await this.pause(pauseMs);
    }
    this.running = undefined;
    this.seen = undefined;
  }

  private async read(): Promise<void> {
    const seen = this.seen!;
    let until: string | undefined;
    // Published once all are read: a part would come twice after a failure.
    const events: CommittedEvent[] = [];
    for (let more = true; more;) {
      const round = await this.source.round({ seen: seen.text, until, after: events.at(-1) });
      ({ until, more } = round);
      events.push(...round.events);
    }
    this.seen = parseSnapshot(until!);
    for (const event of events)
      this.bus.publish(EVENT_TOPIC, { event, seen, until: until! } satisfies LiveEvent);
  }

  private async startAgainIfRestored(): Promise<void> {
    const now = await this.source.now().then(parseSnapshot, () => undefined);
    if (!now || !this.seen || now.xmax >= this.seen.xmax) return;
    this.seen = now;
    this.bus.publish(EVENT_TOPIC, RESTORED);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
