import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { residentBytesOf } from '../bench/support/proc.js';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { flood } from '../support/peers/flood.js';
import { percentile } from '../support/percentile.js';
import { verifyOnce, type Outcome } from '../support/peers/traffic.js';

const MB = 1024 * 1024;
const PER_SECOND = 50;
const CONNECTIONS = 64;
const QUERIES_AT_ONCE = 4;
const EXPENSIVE = `{ apiKeys(first: 100) { nodes { id name effectiveGrants { permissions scope { name } }
  auditEvents(first: 20) { nodes { id action changes } } } } }`;

const agent = new Agent({ keepAlive: true });
let cluster: Cluster;
let gateway: CreatedKey;
let good: CreatedKey;
/** A minimal server that is not flooded; its slowdown is due to the machine. */
let bare: ChildProcess;
let bareUrl: string;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 1 });
  const { manager, owner } = cluster;
  gateway = await createKey(manager.url, owner, { permissions: ['keywright.verify'] });
  good = await createKey(manager.url, owner);
  for (let i = 0; i < 30; i++) await createKey(manager.url, owner);
  bare = spawn(process.execPath, [join(import.meta.dirname, '../support/servers/bare-server.mjs')]);
  const [port] = (await once(bare.stdout!, 'data')) as [Buffer];
  bareUrl = `http://127.0.0.1:${port.toString().trim()}`;
  // It would normally have its own machine; here it must not starve the other process.
  setPriority(manager.process.pid, 10);
});
afterAll(async () => {
  bare.kill('SIGKILL');
  agent.destroy();
  await cluster.stop();
});

interface Light {
  readonly outcomes: readonly Outcome[];
  readonly p50: number;
  readonly p99: number;
  readonly bareP99: number;
}

/** Verifications of a valid key on a fixed clock, regardless of the server, each with a request to the bare server. */
async function lightTraffic(seconds: number): Promise<Light> {
  const { url } = cluster.nodes[0]!;
  const startMs = performance.now();
  const asked: Promise<Outcome>[] = [];
  const askedBare: Promise<Outcome>[] = [];
  for (let i = 0; i < seconds * PER_SECOND; i++) {
    const early = startMs + (i * 1000) / PER_SECOND - performance.now();
    if (early > 1) await sleep(early);
    asked.push(verifyOnce(agent, url, gateway.secret, good.secret));
    askedBare.push(verifyOnce(agent, bareUrl, gateway.secret, good.secret));
  }
  const outcomes = await Promise.all(asked);
  const latencies = (of: readonly Outcome[]): number[] => of.map(({ sentAt, doneAt }) => doneAt - sentAt);
  return {
    outcomes,
    p50: percentile(latencies(outcomes), 50),
    p99: percentile(latencies(outcomes), 99),
    bareP99: percentile(latencies(await Promise.all(askedBare)), 99),
  };
}

test('garbage at three times the capacity, next to expensive GraphQL, leaves good keys fast and memory bounded', async () => {
  const { manager, nodes, owner } = cluster;
  const node = nodes[0]!;
  const order = {
    port: Number(new URL(node.url).port),
    caller: gateway.secret,
    connections: CONNECTIONS,
    graphql: { url: `${manager.url}/graphql`, bearer: owner.bearer!, query: EXPENSIVE, connections: 0 },
  };
  const idle = await lightTraffic(3);
  const capacity = await flood({ ...order, perSecond: 1_000_000, seconds: 2 });
  const perSecond = Math.round(capacity.answered / capacity.seconds);
  /** Resident memory per process in MB; 0 if unknown. */
  const resident = (): number[] =>
    [node.process, manager.process].map(({ pid }) =>
      process.platform === 'linux' ? residentBytesOf(pid) / MB : 0,
    );
  const before = resident();
  const most = [...before];
  const watch = setInterval(() => {
    for (const [i, now] of resident().entries()) most[i] = Math.max(most[i]!, now);
  }, 200);
  let flooded = idle;
  const result = await flood(
    {
      ...order,
      perSecond: 3 * perSecond,
      seconds: 7,
      graphql: { ...order.graphql, connections: QUERIES_AT_ONCE },
    },
    async () => {
      await sleep(1000);
      flooded = await lightTraffic(5.5);
    },
  );
  clearInterval(watch);
  const each = (values: readonly number[]): string =>
    values.map((value) => Math.round(value).toString()).join(' and ');
  console.log(
    `Garbage a second: ${perSecond} can be answered, ${each([result.offered / result.seconds])} offered, ${each([result.answered / result.seconds])} answered; ${result.queriesAnswered} queries\n` +
      `Good keys, 50 % and 99 %: ${each([idle.p50, idle.p99])} ms before, ${each([flooded.p50, flooded.p99])} ms in the flood; the bare server, 99 %: ${each([idle.bareP99, flooded.bareP99])} ms\n` +
      `Memory of the process that verifies and of the one that manages: ${each(before)} MB before, at most ${each(most)} MB`,
  );

  expect(flooded.outcomes.every(({ status, code }) => status === 200 && code === 'VALID')).toBe(true);
  expect(result.offered).toBeGreaterThan(2.5 * perSecond * result.seconds);
  expect(result.asExpected).toBe(result.answered);
  expect(result.queriesAnswered).toBeGreaterThan(0);
  expect(flooded.p99).toBeLessThan(5 * Math.max(20, idle.p99, flooded.bareP99));
  for (const [i, now] of most.entries()) expect(now).toBeLessThan(before[i]! + 150);
});
