import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, verify } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { eventually } from '../support/eventually.js';
import { codes, graphql } from '../support/peers/graphql.js';

const AT_ONCE = 20;
const KNOWN_EVERYWHERE_MS = 5000;

interface Regenerated {
  readonly regenerateApiKey: { readonly secret: { readonly secret: string } };
}

let cluster: Cluster;

beforeAll(async () => {
  // Two managing processes, so that no in-process lock can decide, and two verifying ones.
  cluster = await startCluster({ nodes: 2, env: { KEYWRIGHT_ROLE: 'all' } });
  await cluster.addNode({ KEYWRIGHT_ROLE: 'all' });
});
afterAll(() => cluster.stop());

/** A naive regenerate that reads, waits as the service does and writes unconditionally; returns how many succeed. */
async function naiveSuccesses(id: string): Promise<number> {
  const { database } = cluster.manager;
  const tries = Array.from({ length: AT_ONCE }, async () => {
    const [seen] = await database.query<{ version: number }>(
      'select secret_version as version from api_key where id = $1 and revoked_at is null',
      [id],
    );
    await sleep(500);
    const written = await database.query(
      'update api_key set secret_version = $2 where id = $1 returning secret_version',
      [id, seen!.version + 1],
    );
    return written.length;
  });
  return (await Promise.all(tries)).reduce((sum, count) => sum + count, 0);
}

test('of twenty concurrent regenerations of a key one succeeds, and every process knows exactly one live secret', async () => {
  const { manager, owner, nodes } = cluster;
  const urls = [manager.url, ...nodes.map(({ url }) => url)];
  const managing = [manager.url, nodes[2]!.url];
  const [caller, key, naive] = await Promise.all([
    createKey(manager.url, owner, { permissions: ['keywright.verify'] }),
    createKey(manager.url, owner),
    createKey(manager.url, owner),
  ]);
  const codeAt = async (url: string, secret: string): Promise<string> =>
    (await verify(url, caller.secret, { key: secret })).body.code;
  for (const url of urls) {
    await eventually(async () => expect(await codeAt(url, key.secret)).toBe('VALID'), KNOWN_EVERYWHERE_MS);
  }

  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, i) =>
      graphql<Regenerated>(
        managing[i % managing.length]!,
        'mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 0) { secret { secret } } }',
        { id: key.id },
        owner,
      ),
    ),
  );
  const answeredAt = performance.now();
  const secrets = answers.flatMap(({ data }) => data?.regenerateApiKey.secret.secret ?? []);
  expect(secrets).toHaveLength(1);
  const refusals = answers.filter(({ errors }) => errors.length > 0).map(codes);
  expect(refusals).toEqual(Array.from({ length: AT_ONCE - 1 }, () => ['CONFLICT']));

  const [winner] = secrets as [string];
  const atEachNode = async (): Promise<string[][]> =>
    Promise.all(urls.map((url) => Promise.all([key.secret, winner].map((secret) => codeAt(url, secret)))));
  const expected = urls.map(() => ['KEY_NOT_FOUND', 'VALID']);
  let seen = await atEachNode();
  while (performance.now() - answeredAt < KNOWN_EVERYWHERE_MS - 500) {
    if (JSON.stringify(seen) === JSON.stringify(expected)) break;
    await sleep(50);
    seen = await atEachNode();
  }
  expect(seen).toEqual(expected);
  console.log(`Every node knew the new secret after ${Math.round(performance.now() - answeredAt)} ms.`);
  // Nothing later restores the old secret or a losing one.
  await sleep(1500);
  expect(await atEachNode()).toEqual(expected);

  const [row] = await manager.database.query<{ version: number; changes: number; previous: Buffer | null }>(
    `select secret_version as version, previous_digest as previous, (select count(*)::int from audit_event
       where target_id = k.id and action = 'api_key.regenerated') as changes from api_key k where id = $1`,
    [key.id],
  );
  expect(row).toEqual({ version: 2, changes: 1, previous: null });
  expect(await naiveSuccesses(naive.id), 'without a look at the version under the lock').toBe(AT_ONCE);
});
