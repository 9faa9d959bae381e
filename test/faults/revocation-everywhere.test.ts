import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { percentile } from '../support/percentile.js';
import { startTraffic, verifyOnce } from '../support/peers/traffic.js';

const REVOCATIONS = 60;
const agent = new Agent({ keepAlive: true });
let cluster: Cluster;
let gateway: CreatedKey;

interface Propagation {
  readonly changeToken: string;
  readonly nodes: number;
  readonly applied: number;
  readonly milliseconds: number | null;
}

const create = (): Promise<CreatedKey> => createKey(cluster.manager.url, cluster.owner);

async function revoke({ id }: CreatedKey): Promise<Propagation> {
  const { revokeApiKey } = await request<{ revokeApiKey: { propagation: Propagation } }>(
    cluster.manager.url,
    'mutation ($id: ID!) { revokeApiKey(id: $id) { propagation { changeToken nodes applied milliseconds } } }',
    { id },
    cluster.owner,
  );
  return revokeApiKey.propagation;
}

const ask = (node: VerifyNode, key: CreatedKey) => verifyOnce(agent, node.url, gateway.secret, key.secret);

/** When a process that has answered VALID rejects for the first time. */
async function firstRefusal(node: VerifyNode, key: CreatedKey): Promise<number> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const { status, code, doneAt } = await ask(node, key);
    expect(status).toBe(200);
    if (code !== 'VALID' || doneAt > deadline) {
      expect(code).toBe('KEY_REVOKED');
      return doneAt;
    }
    await sleep(5);
  }
}

beforeAll(async () => {
  cluster = await startCluster({ nodes: 3 });
  gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
  // The manager counts the processes it has heard from; a heartbeat takes two seconds.
  await eventually(async () => expect((await revoke(await create())).nodes).toBe(3));
});
afterAll(async () => {
  agent.destroy();
  await cluster.stop();
});

test('a revocation reaches three busy processes within a second while their notification connections are cut', async () => {
  const keys: CreatedKey[] = [];
  for (let i = 0; i < REVOCATIONS; i++) keys.push(await create());
  const lasting = await create();
  const loads = cluster.nodes.map(({ url }) =>
    startTraffic({
      url: () => url,
      caller: gateway.secret,
      secret: () => lasting.secret,
      connections: 2,
      pauseMs: 20,
    }),
  );
  const sinceSent: number[] = [];
  const sinceAnswer: number[] = [];
  const said: Propagation[] = [];
  let cuts = 0;
  for (const [i, key] of keys.entries()) {
    await sleep(Math.random() * 150);
    if (i % 6 === 5) {
      const killed = await cluster.manager.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'keywright listener' and datname = current_database()`,
      );
      cuts += killed.length;
    }
    const refusals = cluster.nodes.map((node) => firstRefusal(node, key));
    await sleep(20);
    // The commit is between these two moments.
    const sentAt = performance.now();
    const propagation = await revoke(key);
    const answeredAt = performance.now();
    said.push(propagation);
    if (propagation.applied === 3) {
      const now = await Promise.all(cluster.nodes.map((node) => ask(node, key)));
      expect(now.map(({ code }) => code)).toEqual(['KEY_REVOKED', 'KEY_REVOKED', 'KEY_REVOKED']);
    }
    for (const at of await Promise.all(refusals)) {
      sinceSent.push(at - sentAt);
      sinceAnswer.push(at - answeredAt);
    }
  }
  const later = await Promise.all(keys.flatMap((key) => cluster.nodes.map((node) => ask(node, key))));
  const outcomes = (await Promise.all(loads.map((load) => load.stop()))).flat();
  const everywhere = said.filter(({ applied }) => applied === 3).length;
  const figures = (values: readonly number[]): string =>
    [50, 99, 100].map((percent) => `${percent} % ${Math.round(percentile(values, percent))} ms`).join(', ');
  console.log(`Refused on each of 3 nodes, since the mutation was sent: ${figures(sinceSent)}`);
  console.log(`Refused on each of 3 nodes, since it was answered: ${figures(sinceAnswer)}`);
  console.log(`Said to be applied everywhere: ${everywhere} of ${REVOCATIONS}; ${cuts} connections cut`);

  expect(cuts).toBeGreaterThan(REVOCATIONS / 6);
  expect(percentile(sinceSent, 99)).toBeLessThan(1000);
  expect(percentile(sinceSent, 100)).toBeLessThan(5000);
  expect(said.every(({ nodes }) => nodes === 3)).toBe(true);
  expect(everywhere).toBeGreaterThan(REVOCATIONS / 2);
  expect(new Set(later.map(({ code }) => code))).toEqual(new Set(['KEY_REVOKED']));
  expect(outcomes.length).toBeGreaterThan(300);
  expect(outcomes.filter(({ code }) => code !== 'VALID')).toEqual([]);
});

test('a change that commits after later ones reaches every process, although a naive cursor would miss it', async () => {
  const [slow, quick] = [await create(), await create()];
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: cluster.manager.database.url });
    await client.connect();
    return client;
  };
  const [long, short] = [await open(), await open()];
  const disable = (client: pg.Client, { id }: CreatedKey): Promise<unknown> =>
    client.query('update api_key set enabled = false where id = $1', [id]);
  const everywhere = (key: CreatedKey, code: string): Promise<void> =>
    eventually(async () => {
      const answers = await Promise.all(cluster.nodes.map((node) => ask(node, key)));
      expect(answers.map((answer) => answer.code)).toEqual([code, code, code]);
    }, 5000);
  let last = '0';
  /** The naive cursor. */
  const readNaively = async (): Promise<string[]> => {
    const rows = await cluster.manager.database.query<{ seq: string; entity_id: string }>(
      'select seq, entity_id from change where seq > $1 order by seq',
      [last],
    );
    last = rows.at(-1)?.seq ?? last;
    return rows.map(({ entity_id: id }) => id);
  };
  try {
    await everywhere(slow, 'VALID');
    await readNaively();
    await long.query('begin');
    await disable(long, slow);
    await disable(short, quick);
    await everywhere(quick, 'KEY_DISABLED');
    expect(await readNaively()).toEqual([quick.id]);
    await everywhere(slow, 'VALID');
    await long.query('commit');
    expect(await readNaively(), 'the naive cursor never sees it').toEqual([]);
    await everywhere(slow, 'KEY_DISABLED');
  } finally {
    await Promise.all([long.end(), short.end()]);
  }
});
