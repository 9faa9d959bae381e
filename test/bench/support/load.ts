// Generates load: takes orders from its parent, one at a time, and replies with the result of each. A separate process with
// minimal work per request, because it shares the machine with the servers it measures.
import { readFileSync } from 'node:fs';
import { Histogram } from './histogram.js';
import { LoadConnection, Tokens } from './load-connection.js';
import type { LoadOrder, LoadReply, LoadResult } from './load-messages.js';
import { asFastAsAnswered, onAClock } from './load-pace.js';

/** How long to wait for pending responses after the end. */
const GRACE_MS = 10_000;

const tokens = new Tokens(readFileSync(process.argv[2]!));

function measure(order: LoadOrder, connections: readonly LoadConnection[]): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const histogram = new Histogram();
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    let bad = 0;
    let firstBad: string | null = null;
    let underWay = 0;
    const paceOf = order.rate === undefined ? asFastAsAnswered : onAClock;
    const pace = paceOf(order, startMs, (connection, dueAtMs) => {
      connection.dueAtMs = dueAtMs;
      underWay++;
      connection.send();
    });
    const fail = (reason: string): void => {
      pace.stop();
      clearTimeout(late);
      reject(new Error(reason));
    };
    const late = setTimeout(
      () => fail(`${underWay} requests were not answered in time.`),
      order.seconds * 1000 + GRACE_MS,
    );
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
    for (const connection of connections) {
      connection.onEnd = fail;
      connection.onAnswer = (fault) => {
        const nowMs = performance.now();
        histogram.add((nowMs - connection.dueAtMs) * 1000);
        underWay--;
        if (fault !== null) {
          bad++;
          firstBad ??= fault;
        }
        pace.free(connection, nowMs);
        if (underWay === 0 && pace.over) finish();
      };
    }
    pace.begin(connections);
  });
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const connections = Array.from({ length: order.connections }, () => new LoadConnection(order, tokens));
  try {
    await Promise.all(connections.map((connection) => connection.opened()));
    return await measure(order, connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (result) => process.send!({ result } satisfies LoadReply),
    (error: unknown) => process.send!({ failure: String(error) } satisfies LoadReply),
  );
});
process.on('disconnect', () => process.exit(0));
