import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { spawnServer } from '../support/servers/server-process.js';
import { verifyOnce, type Outcome } from '../support/peers/traffic.js';

const CLIENTS = 12;
const RESTARTS = 6;
let cluster: Cluster;
let gateway: CreatedKey;
let good: CreatedKey;
let disabled: CreatedKey;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
  const { manager, owner } = cluster;
  gateway = await createKey(manager.url, owner, { permissions: ['keywright.verify'] });
  good = await createKey(manager.url, owner);
  disabled = await createKey(manager.url, owner, { enabled: false });
});
afterAll(() => cluster.stop());

/** Verifications of the two keys counted in the database, by code. */
async function counted(): Promise<Record<string, number>> {
  const rows = await cluster.manager.database.query<{ code: string; count: number }>(
    `select code, sum(count)::int as count from usage_total where api_key_id in ($1, $2) group by code`,
    [good.id, disabled.id],
  );
  return Object.fromEntries(rows.map(({ code, count }) => [code, count]));
}

/** Clients behind a load balancer: each stays with its process and switches only when a connection is refused. */
function startClients() {
  const agents = cluster.nodes.map(() => new Agent({ keepAlive: true, maxSockets: CLIENTS }));
  const outcomes: Outcome[] = [];
  let refusals = 0;
  const stopping = new AbortController();
  const run = async (n: number): Promise<void> => {
    let node = n % 2;
    for (let turn = n; !stopping.signal.aborted; turn++) {
      const { secret } = turn % 3 === 0 ? disabled : good;
      let refusedInARow = 0;
      for (;;) {
        const outcome = await verifyOnce(agents[node], cluster.nodes[node]!.url, gateway.secret, secret);
        if (outcome.fault === 'ECONNREFUSED' && refusedInARow < 2) {
          refusals++;
          refusedInARow++;
          node = 1 - node;
          continue;
        }
        outcomes.push(outcome);
        break;
      }
      await sleep(5);
    }
  };
  const running = Promise.all(Array.from({ length: CLIENTS }, (_, n) => run(n)));
  return {
    outcomes,
    refusals: () => refusals,
    async stop() {
      stopping.abort();
      await running;
      for (const agent of agents) agent.destroy();
    },
  };
}

test('two processes restarted in turn, three times each, fail no verification, and count all that they answered', async () => {
  const clients = startClients();
  const served: number[] = [];
  for (let restart = 0; restart < RESTARTS; restart++) {
    const index = restart % 2;
    const node = cluster.nodes[index]!;
    await sleep(400);
    expect(await node.process.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    const settings = { ...node.settings, PORT: new URL(node.url).port };
    const process = spawnServer(settings);
    cluster.nodes[index] = { ...node, settings, process };
    expect(await process.ready()).toBe(node.url);
    served.push(clients.outcomes.length);
    // Clients return only when the other process refuses them, in the next round.
  }
  await sleep(400);
  await clients.stop();
  const { outcomes } = clients;
  for (const { process } of cluster.nodes) await process.stop();
  const wanted = (secret: string): string => (secret === good.secret ? 'VALID' : 'KEY_DISABLED');
  const wrong = outcomes.filter(
    ({ status, code, secret, fault }) => fault !== null || status !== 200 || code !== wanted(secret),
  );
  const count = (code: string): number => outcomes.filter((outcome) => outcome.code === code).length;
  console.log(
    `${outcomes.length} verifications over ${RESTARTS} restarts, ${clients.refusals()} connections refused and tried elsewhere, ${wrong.length} failed`,
  );

  expect(wrong).toEqual([]);
  expect(await counted()).toEqual({ VALID: count('VALID'), KEY_DISABLED: count('KEY_DISABLED') });
  // Each restart was noticed, and none left the clients without answers.
  expect(clients.refusals()).toBeGreaterThanOrEqual(RESTARTS);
  for (const [i, total] of served.entries()) expect(total - (served[i - 1] ?? 0)).toBeGreaterThan(100);
});
