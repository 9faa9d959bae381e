import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { spawnServer, type ServerProcess } from '../support/servers/server-process.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { verifyOnce, type Outcome } from '../support/peers/traffic.js';

const DAY_MS = 86_400_000;
const LIMITS = {
  'a window of an hour': {
    limited: (limit: number) => ({ rateLimits: [{ name: 'hour', limit, windowSeconds: 3600 }] }),
    refusal: 'RATE_LIMITED',
  },
  'a daily quota': {
    limited: (limit: number) => ({ quotas: [{ period: 'DAY', limit }] }),
    refusal: 'QUOTA_EXCEEDED',
  },
} as const;
const EACH = Object.entries(LIMITS);

let keywright: Keywright;
let server: ServerProcess;
let url: string;
let gateway: CreatedKey;
let owner: { bearer: string };
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  // A day that ends during the test would correctly grant a new quota.
  const untilMidnight = DAY_MS - (Date.now() % DAY_MS);
  if (untilMidnight < 45_000) await sleep(untilMidnight + 1000);
  keywright = await startKeywright();
  ({ process: server, url } = keywright);
  owner = { bearer: await signIn(url) };
  gateway = await createKey(url, owner, { permissions: ['keywright.verify'] });
}, 120_000);
afterAll(async () => {
  agent.destroy();
  await server.stop();
  await keywright.stop();
});

/** The given number of concurrent verifications of a key. */
const burst = (key: CreatedKey, count: number): Promise<Outcome[]> =>
  Promise.all(Array.from({ length: count }, () => verifyOnce(agent, url, gateway.secret, key.secret)));

const admittedIn = (outcomes: readonly Outcome[]): number =>
  outcomes.filter(({ code }) => code === 'VALID').length;

async function startAgain(): Promise<void> {
  server = spawnServer(keywright.settings);
  url = await server.ready();
}

test.each(EACH)('%s of 10 admits exactly 10 of 200 concurrent requests', async (_, limit) => {
  const key = await createKey(url, owner, limit.limited(10));
  const outcomes = await burst(key, 200);
  expect(admittedIn(outcomes)).toBe(10);
  expect(outcomes.filter(({ code }) => code === limit.refusal)).toHaveLength(190);
});

test('a restart and a kill reset nothing: exactly the remaining units are admitted', async () => {
  const keys = await Promise.all(EACH.map(([, limit]) => createKey(url, owner, limit.limited(20))));
  const spend = async (count: number): Promise<void> => {
    for (const key of keys) expect(admittedIn(await burst(key, count))).toBe(count);
  };
  await spend(7);
  await server.stop('SIGTERM');
  await startAgain();
  await spend(6);
  // The answers have arrived, but hardly any usage is in the database yet.
  await server.stop('SIGKILL');
  await startAgain();
  for (const [i, key] of keys.entries()) {
    const outcomes = await burst(key, 40);
    expect(admittedIn(outcomes)).toBe(20 - 7 - 6);
    expect(outcomes.filter(({ code }) => code === EACH[i]![1].refusal)).toHaveLength(33);
  }
});

test('a kill in the middle of a burst admits no more than the limit in total', async () => {
  const limit = 200;
  const keys = await Promise.all(EACH.map(([, { limited }]) => createKey(url, owner, limited(limit))));
  const answered = keys.map(() => 0);
  let all = 0;
  const ask = async (which: number): Promise<void> => {
    const { code } = await verifyOnce(agent, url, gateway.secret, keys[which]!.secret);
    if (code !== 'VALID') return;
    answered[which]!++;
    if (++all === 60) process.kill(server.pid, 'SIGKILL');
  };
  const asked = Array.from({ length: 2 * limit }, (_, i) => ask(i % keys.length));
  await Promise.all(asked);
  await server.ended;
  await startAgain();
  const rest: number[] = [];
  for (const key of keys) rest.push(admittedIn(await burst(key, limit + 10)));
  console.log(`Killed in the middle of a burst at a limit of ${limit}: ${answered} before, ${rest} after`);
  for (const [i, before] of answered.entries()) {
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(limit);
    expect(before + rest[i]!).toBeLessThanOrEqual(limit);
    expect(rest[i]).toBeGreaterThan(0);
  }
});
