import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFresh } from '@keywright/server/staleness';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { eventually } from '../support/eventually.js';
import { request } from '../support/peers/graphql.js';
import { verifyOnce, type Outcome } from '../support/peers/traffic.js';

/** Polls run each second, so this is about the max age of a frozen process's state. */
const AGE_BEFORE_MS = 1000;
/** The strictest allowed setting. */
const MIN_MAX_STALENESS_MS = 5000;

let cluster: Cluster;
let caller: CreatedKey;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2 });
  caller = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
});
afterAll(async () => {
  agent.destroy();
  await cluster.stop();
});

const verifyAt = ({ url }: VerifyNode, key: CreatedKey, by?: Agent): Promise<Outcome> =>
  verifyOnce(by, url, caller.secret, key.secret, 30_000);

/** Stops every thread of a process and waits until all have stopped. */
async function freeze({ process: { pid } }: VerifyNode): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /));
}

/** Results of requests that waited in the sockets of a frozen process while a key was revoked. */
async function answersAfterFreeze(frozenMs: number): Promise<{
  revoked: Outcome[];
  good: Outcome[];
  wokenAt: number;
  frozenAt: number;
}> {
  const { manager, owner, nodes } = cluster;
  const [frozen, running] = nodes as [VerifyNode, VerifyNode];
  const [good, bad] = await Promise.all([createKey(manager.url, owner), createKey(manager.url, owner)]);
  for (const node of nodes) {
    for (const key of [good, bad]) {
      await eventually(async () => expect((await verifyAt(node, key, agent)).code).toBe('VALID'));
    }
  }
  await freeze(frozen);
  const frozenAt = performance.now();
  try {
    await request(
      manager.url,
      'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
      { id: bad.id },
      owner,
    );
    // The other process has it, so it is true, whatever the frozen one has cached.
    await eventually(async () => expect((await verifyAt(running, bad)).code).toBe('KEY_REVOKED'), 5000);
    await sleep(frozenMs - 500 - (performance.now() - frozenAt));
    // Over an earlier connection and over new ones that the kernel accepted for it.
    const waiting = [agent, undefined, undefined, undefined].map((by) =>
      Promise.all([verifyAt(frozen, bad, by), verifyAt(frozen, good, by)]),
    );
    let answered = false;
    void Promise.race(waiting).then(() => (answered = true));
    await sleep(500);
    expect(answered).toBe(false);

    const wokenAt = performance.now();
    process.kill(frozen.process.pid, 'SIGCONT');
    const pairs = await Promise.all(waiting);
    for (let i = 0; i < 20; i++) {
      pairs.push(await Promise.all([verifyAt(frozen, bad, agent), verifyAt(frozen, good, agent)]));
    }
    return {
      revoked: pairs.map(([first]) => first),
      good: pairs.map(([, second]) => second),
      frozenAt,
      wokenAt,
    };
  } finally {
    process.kill(frozen.process.pid, 'SIGCONT');
  }
}

const outcomeOf = (outcomes: Outcome[]): string[] => [
  ...new Set(outcomes.map(({ status, code }) => `${status} ${code}`)),
];

/** Checks the promise and returns how long the process was frozen. */
async function promised(frozenMs: number): Promise<number> {
  const { revoked, good, frozenAt, wokenAt } = await answersAfterFreeze(frozenMs);
  expect(outcomeOf(revoked)).toEqual(['200 KEY_REVOKED']);
  // A valid key loses no request either: waiting ones are answered once the process has caught up.
  expect(outcomeOf(good)).toEqual(['200 VALID']);
  const longestMs = Math.max(...[...revoked, ...good].map(({ doneAt }) => doneAt)) - wokenAt;
  const stoodStillMs = wokenAt - frozenAt;
  console.log(
    `Awake after ${Math.round(stoodStillMs)} ms, all was answered within ${Math.round(longestMs)} ms.`,
  );
  expect(longestMs).toBeLessThan(3000);
  return stoodStillMs;
}

test('a process frozen for 3 s while a key was revoked never accepts it', async () => {
  const stoodStillMs = await promised(3000);
  // A process that relies only on the age of its state would decide with the state from before the revocation.
  const ageMs = AGE_BEFORE_MS + stoodStillMs;
  expect(
    isFresh({ syncedAtMs: 0, answeredAtMs: 0, missed: false }, ageMs, MIN_MAX_STALENESS_MS),
    'the naive rule',
  ).toBe(true);
});

test('the same for a process frozen for 12 s', async () => {
  await promised(12_000);
});
