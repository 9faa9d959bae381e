import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { createKey, verify, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { keywrightCommand } from '../support/servers/command-line.js';
import { debianProgram, INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { eventually, within } from '../support/eventually.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { request } from '../support/peers/graphql.js';
import { startPgBouncer, type PgBouncer, type PoolMode } from '../support/servers/pgbouncer.js';
import { subscribe } from '../support/peers/subscribe.js';

const REVOKE = 'mutation ($id: ID!) { revokeApiKey(id: $id) { propagation { nodes } } }';
const CHANGED = 'subscription { apiKeyChanged { apiKey { id } } }';
const UNHEARD = /PgBouncer in transaction mode/;

interface Changed {
  readonly apiKeyChanged: { readonly apiKey: { readonly id: string } };
}

interface World {
  readonly database: FreshDatabase;
  readonly bouncer: PgBouncer;
  readonly cluster: Cluster;
}

/** Starts a cluster behind a PgBouncer of its own, until the end of the test. */
async function start(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  mode: PoolMode,
  { settings = [], nodes = 2 }: { settings?: readonly string[]; nodes?: number } = {},
): Promise<World> {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  const bouncer = await startPgBouncer(database.url, mode, settings);
  onTestFinished(() => bouncer.stop());
  const cluster = await startCluster({ nodes, env: { DATABASE_URL: bouncer.url } });
  onTestFinished(() => cluster.stop());
  return { database, bouncer, cluster };
}

async function hearing({ manager, owner }: Cluster): Promise<(boolean | null)[]> {
  const { verificationNodes } = await request<{
    verificationNodes: { hearsNotifications: boolean | null }[];
  }>(manager.url, '{ verificationNodes { hearsNotifications } }', {}, owner);
  return verificationNodes.map(({ hearsNotifications }) => hearsNotifications);
}

async function newKey({ manager, owner, nodes }: Cluster, gateway: CreatedKey): Promise<CreatedKey> {
  const key = await createKey(manager.url, owner);
  await eventually(async () => {
    for (const { url } of nodes) {
      expect((await verify(url, gateway.secret, { key: key.secret })).body.code).toBe('VALID');
    }
  });
  return key;
}

beforeAll(() => debianProgram('pgbouncer'), INSTALL_TIMEOUT_MS);

/** By default the setting is rejected; where ignored, it is dropped. */
const REFUSING: readonly string[] = [];
const DROPPING = ['ignore_startup_parameters = statement_timeout,lock_timeout'];

// First, because it takes longest.
test.concurrent('behind PgBouncer in session mode all notifications arrive, until the mode changes', async (context) => {
  const { cluster: running, bouncer } = await start(context, 'session');
  await eventually(async () => expect(await hearing(running)).toEqual([true, true, true]));
  expect(running.manager.process.stdout()).not.toMatch(UNHEARD);
  const checked = await keywrightCommand(running.manager.settings, ['check']);
  expect(checked).toMatchObject({ code: 0, stderr: '' });
  expect(checked.stdout).toMatch(/PostgreSQL notifications arrive/);
  for (const { url } of running.nodes) {
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^keywright_notifications_heard 1$/m);
  }
  await bouncer.setMode('transaction');
  await eventually(async () => expect(await hearing(running)).toEqual([false, false, false]), 45_000);
  await bouncer.setMode('session');
  await eventually(async () => expect(await hearing(running)).toEqual([true, true, true]), 45_000);
  expect(running.manager.process.stdout()).toMatch(/PostgreSQL notifications arrive again/);
});

describe.concurrent('behind PgBouncer in transaction mode', () => {
  test.for([
    ['refuses settings', REFUSING],
    ['drops settings', DROPPING],
  ] as const)(
    'that %s, the change feed is polled often, and the operator is informed',
    async ([, settings], context) => {
      const { cluster: running } = await start(context, 'transaction', { settings });
      const { manager, owner, nodes } = running;
      const processes = [manager.process, ...nodes.map(({ process }) => process)];
      await eventually(async () => expect(await hearing(running)).toEqual([false, false, false]));
      for (const process of processes) {
        expect(process.stdout().match(new RegExp(UNHEARD, 'g'))).toHaveLength(1);
      }
      for (const { url } of nodes) {
        expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^keywright_notifications_heard 0$/m);
      }

      const checked = await keywrightCommand(manager.settings, ['check']);
      expect(checked.stderr).toMatch(UNHEARD);
      expect(checked.code).toBe(1);

      const gateway = await createKey(manager.url, owner, { permissions: ['keywright.verify'] });
      for (let round = 0; round < 5; round++) {
        const key = await newKey(running, gateway);
        const changes = await subscribe<Changed>(manager.url, CHANGED, {}, owner);
        await sleep(100 * round);
        await request(manager.url, REVOKE, { id: key.id }, owner);
        const refused = nodes.map(({ url }) =>
          eventually(async () => {
            const { body } = await verify(url, gateway.secret, { key: key.secret });
            expect(body.code).toBe('KEY_REVOKED');
          }, 1_000),
        );
        await Promise.all(refused);
        expect((await changes.next()).apiKeyChanged.apiKey.id).toBe(key.id);
        await changes.close();
      }
    },
  );

  test('no statement waits for a lock longer than allowed', async (context) => {
    const { cluster, database } = await start(context, 'transaction', { nodes: 0 });
    const { manager, owner } = cluster;
    const key = await createKey(manager.url, owner);
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('begin; lock table api_key in access exclusive mode');
    try {
      const asked = [
        request(manager.url, '{ apiKeys { totalCount } }', {}, owner),
        request(manager.url, REVOKE, { id: key.id }, owner),
      ];
      for (const answer of asked) await expect(within(20_000, answer)).rejects.toThrow(/UNAVAILABLE/);
    } finally {
      await holder.end();
    }
    await eventually(() => request(manager.url, REVOKE, { id: key.id }, owner));
  });
});
