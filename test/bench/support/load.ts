// Generates load: takes orders from its parent, one at a time, and answers each with what came of it. A process of its own,
// with as little work for each request as it can do, because it shares the machine with what it measures.
import { readFileSync } from 'node:fs';
import { Histogram } from './histogram.js';
import { LoadConnection, Tokens } from './load-connection.js';
import type { LoadOrder, LoadReply, LoadResult } from './load-messages.js';

/** How long answers may still take when the time is over. */
const GRACE_MS = 10_000;
/** Longest nap between two looks at the clock and the sockets: bounds how late a request can be sent or noticed. */
const NAP_MS = 0.1;

const tokens = new Tokens(readFileSync(process.argv[2]!));
const napping = new Int32Array(new SharedArrayBuffer(4));

async function run(order: LoadOrder): Promise<LoadResult> {
  const connections = Array.from({ length: order.connections }, () => new LoadConnection(order, tokens));
  try {
    await Promise.all(connections.map((connection) => connection.opened()));
    return await measure(order, connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

function measure(order: LoadOrder, connections: readonly LoadConnection[]): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const histogram = new Histogram();
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    const endMs = startMs + order.seconds * 1000;
    let bad = 0;
    let firstBad: string | null = null;
    let underWay = 0;
    let sending = true;

    const finish = (): void => {
      clearTimeout(late);
      const seconds = (performance.now() - startMs) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      resolve({
        requests: histogram.count,
        perSecond: histogram.count / seconds,
        bad,
        firstBad,
        p50: histogram.quantile(0.5),
        p99: histogram.quantile(0.99),
        max: histogram.max,
        cores: (user + system) / 1e6 / seconds,
      });
    };
    const fail = (reason: string): void => {
      sending = false;
      clearTimeout(late);
      reject(new Error(reason));
    };
    const late = setTimeout(
      () => fail(`${underWay} requests were not answered in time.`),
      order.seconds * 1000 + GRACE_MS,
    );
    const send = (connection: LoadConnection, dueAt: number): void => {
      connection.dueAt = dueAt;
      underWay++;
      connection.send();
    };
    /** What a connection does once it is free; `nowMs` is when that was. */
    let next: (connection: LoadConnection, nowMs: number) => void;
    for (const connection of connections) {
      connection.onEnd = fail;
      connection.onAnswer = (fault) => {
        const nowMs = performance.now();
        histogram.add((nowMs - connection.dueAt) * 1000);
        underWay--;
        if (fault !== null) {
          bad++;
          firstBad ??= fault;
        }
        next(connection, nowMs);
      };
    }

    if (order.rate === undefined) {
      next = (connection, nowMs) => {
        if (nowMs < endMs) send(connection, nowMs);
        else if (underWay === 0) finish();
      };
      for (const connection of connections) send(connection, startMs);
      return;
    }

    const everyMs = 1000 / order.rate;
    const total = Math.floor(order.rate * order.seconds);
    const free = [...connections];
    let started = 0;
    const dueAt = (): number => startMs + started * everyMs;
    next = (connection, nowMs) => {
      // A request that was due while all connections were busy goes first, and its wait counts.
      if (started < total && dueAt() <= nowMs) send(connection, (started++, startMs + (started - 1) * everyMs));
      else free.push(connection);
    };
    const tick = (): void => {
      if (!sending) return;
      const nowMs = performance.now();
      while (started < total && free.length > 0 && dueAt() <= nowMs) {
        const due = dueAt();
        started++;
        send(free.pop()!, due);
      }
      if (started >= total && underWay === 0) return finish();
      // Timers are no finer than a millisecond and spinning would take a core from the server: it naps between looks.
      Atomics.wait(napping, 0, 0, NAP_MS);
      setImmediate(tick);
    };
    tick();
  });
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (result) => process.send!({ result } satisfies LoadReply),
    (error: unknown) => process.send!({ failure: String(error) } satisfies LoadReply),
  );
});
process.on('disconnect', () => process.exit(0));
