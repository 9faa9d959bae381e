import { setImmediate as settle } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveBus } from '../../core/live-bus.js';
import { parseSnapshot, sees } from '../../core/snapshot.js';
import { decodeEventCursor } from './event-cursor.js';
import type { EventSource, Round, RoundRequest } from './event-source.js';
import type { CommittedEvent } from './event.js';
import { FollowedEvents, type FollowedEvent } from './followed-events.js';
import { EVENT_TOPIC, LiveEvents } from './live-events.js';

const PAGE = 3;

/** Transactions that begin and commit in any order, and what a snapshot of them sees. */
class Database implements EventSource {
  private nextXid = 100n;
  private nextSeq = 1;
  private readonly running = new Map<bigint, CommittedEvent[]>();
  readonly committed: CommittedEvent[] = [];

  begin(types: readonly string[]): void {
    const xid = this.nextXid++;
    const events = types.map((type) => {
      const seq = String(this.nextSeq++);
      return { id: `evt_${seq}`, xid: String(xid), seq, type } as CommittedEvent;
    });
    this.running.set(xid, events);
  }

  commit(which: number): void {
    const [xid, events] = this.pick(which) ?? [];
    if (xid === undefined) return;
    this.running.delete(xid);
    this.committed.push(...events!);
  }

  commitAll(): void {
    while (this.running.size > 0) this.commit(0);
  }

  now(): Promise<string> {
    const open = [...this.running.keys()];
    const xmin = open[0] ?? this.nextXid;
    return Promise.resolve(`${xmin}:${this.nextXid}:${open.join(',')}`);
  }

  /** Fails reading on after the first page of a round, once. */
  failsWithinRound = false;

  /** As from a backup: transaction ids start over. */
  restore(): void {
    this.nextXid = 50n;
    this.committed.length = 0;
  }

  async round({ seen, until, after }: RoundRequest): Promise<Round> {
    if (this.failsWithinRound && after) {
      this.failsWithinRound = false;
      throw new Error('away');
    }
    if (parseSnapshot(seen).xmax > this.nextXid) throw new Error('went back');
    const bound = until ?? (await this.now());
    const events = this.committed
      .filter(({ xid }) => !sees(parseSnapshot(seen), BigInt(xid)) && sees(parseSnapshot(bound), BigInt(xid)))
      .sort((a, b) => Number(a.xid) - Number(b.xid) || Number(a.seq) - Number(b.seq))
      .filter(
        ({ xid, seq }) =>
          !after || Number(xid) > Number(after.xid) || (xid === after.xid && Number(seq) > Number(after.seq)),
      );
    return { until: bound, events: events.slice(0, PAGE), more: events.length > PAGE };
  }

  private pick(which: number): [bigint, CommittedEvent[]] | undefined {
    return [...this.running][which % Math.max(this.running.size, 1)];
  }
}

/** A client that reads events, and reconnects with the last cursor. */
class Client {
  readonly received: FollowedEvent[] = [];
  ended = false;
  private stream: FollowedEvents;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly bus: LiveBus,
    private readonly live: LiveEvents,
  ) {
    this.stream = this.open(null);
  }

  private open(after: string | null): FollowedEvents {
    return new FollowedEvents(
      {
        source: this.database,
        clock: { now: () => 1 },
        live: this.bus.subscribe(EVENT_TOPIC),
        ready: () => this.live.ready(),
      },
      {
        after: after === null ? null : decodeEventCursor(after),
        wants: ({ type }) => type === 'wanted',
      },
    );
  }

  /** Asks for the next event; it may come later. */
  read(): void {
    this.reading ??= this.readOne();
  }

  private async readOne(): Promise<void> {
    const { stream } = this;
    const { value, done } = await stream.next();
    // What a client gets from a connection that it has closed is lost.
    if (stream !== this.stream) return;
    this.reading = undefined;
    if (done) this.ended = true;
    else this.received.push(value);
  }

  async reconnect(): Promise<void> {
    const last = this.received.at(-1);
    // Without an event there is no cursor: it must have begun to listen before.
    if (!last) return;
    const { stream } = this;
    this.stream = this.open(last.cursor);
    this.reading = undefined;
    await stream.return();
  }

  async readAll(): Promise<void> {
    for (let quiet = 0; quiet < 30; quiet++) {
      const before = this.received.length;
      this.read();
      await settle();
      if (this.received.length > before) quiet = 0;
    }
    await this.stream.return();
  }
}

const step = fc.oneof(
  fc.record({ begin: fc.array(fc.constantFrom('wanted', 'other'), { maxLength: 5 }) }),
  fc.record({ commit: fc.nat(5) }),
  fc.constantFrom('read', 'read', 'wake', 'wait', 'reconnect'),
);

const wait = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await settle();
};

describe('followed events', () => {
  it('come without gap or double, in whatever order transactions commit and clients reconnect', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), async (steps) => {
        const database = new Database();
        const bus = new LiveBus();
        const live = new LiveEvents(database, bus, (message) => expect.unreachable(message));
        const client = new Client(database, bus, live);
        client.read();
        await wait();
        for (const each of steps) {
          if (each === 'read') client.read();
          else if (each === 'wake') live.wake();
          else if (each === 'wait') await wait();
          else if (each === 'reconnect') await client.reconnect();
          else if ('begin' in each) database.begin(each.begin);
          else database.commit(each.commit);
        }
        database.commitAll();
        await wait();
        live.wake();
        await wait();
        await client.readAll();
        live.close();
        const wanted = database.committed.filter(({ type }) => type === 'wanted').map(({ id }) => id);
        expect(client.received.map(({ id }) => id).sort()).toEqual(wanted.sort());
        const places = client.received.map(({ xid, seq }) => [xid, Number(seq)] as const);
        for (const [xid] of places) {
          const own = places.filter(([other]) => other === xid).map(([, seq]) => seq);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('are not repeated after a transaction that began before them and committed after them', async () => {
    const database = new Database();
    const bus = new LiveBus();
    const live = new LiveEvents(database, bus, (message) => expect.unreachable(message));
    const client = new Client(database, bus, live);
    client.read();
    await wait();
    database.begin(['wanted']);
    database.commit(0);
    live.wake();
    await wait();
    database.begin(['wanted']);
    database.begin(['wanted']);
    database.commit(1);
    // Reads the younger one from the database, and then the older one as it is committed.
    await client.reconnect();
    client.read();
    await wait();
    client.read();
    await wait();
    database.commit(0);
    live.wake();
    await wait();
    await client.reconnect();
    await client.readAll();
    live.close();
    expect(client.received.map(({ id }) => id)).toEqual(['evt_1', 'evt_3', 'evt_2']);
  });

  describe('when reading fails', () => {
    afterEach(() => vi.useRealTimers());

    /** A client that has read its first event. */
    async function start(): Promise<{ database: Database; live: LiveEvents; client: Client }> {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const database = new Database();
      const bus = new LiveBus();
      const live = new LiveEvents(database, bus, () => undefined);
      const client = new Client(database, bus, live);
      client.read();
      await wait();
      database.begin(['wanted']);
      database.commit(0);
      live.wake();
      await wait();
      return { database, live, client };
    }

    it('are not repeated if it fails within a round', async () => {
      const { database, live, client } = await start();
      database.begin(Array.from({ length: 2 * PAGE }, () => 'wanted'));
      database.commit(0);
      database.failsWithinRound = true;
      live.wake();
      await wait();
      expect(database.failsWithinRound).toBe(false);
      live.wake();
      await wait();
      await client.readAll();
      live.close();
      expect(client.received.map(({ id }) => id)).toEqual(
        Array.from({ length: 1 + 2 * PAGE }, (_, i) => `evt_${i + 1}`),
      );
    });

    it('end if the database was restored from an older backup', async () => {
      const { database, live, client } = await start();
      client.read();
      await wait();
      database.restore();
      live.wake();
      await wait();
      expect(client.ended).toBe(true);
      live.close();
    });
  });
});
