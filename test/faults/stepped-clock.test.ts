import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { fakeTime, type FakeTime } from '../support/servers/fake-time.js';
import { request } from '../support/peers/graphql.js';
import { verifyOnce } from '../support/peers/traffic.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('a process whose wall clock is stepped by hours', () => {
  const agent = new Agent({ keepAlive: true });
  let clock: FakeTime;
  let cluster: Cluster;
  let node: VerifyNode;
  let gateway: CreatedKey;

  const create = (over: Record<string, unknown> = {}): Promise<CreatedKey> =>
    createKey(cluster.manager.url, cluster.owner, over);
  const ask = async ({ secret }: CreatedKey): Promise<string> => {
    const { status, code } = await verifyOnce(agent, node.url, gateway.secret, secret);
    return status === 200 ? code : `${status} ${code}`;
  };
  const askTimes = async (key: CreatedKey, count: number): Promise<Set<string>> => {
    const codes = new Set<string>();
    for (let i = 0; i < count; i++) codes.add(await ask(key));
    return codes;
  };

  beforeAll(async () => {
    const untilMidnight = DAY_MS - (Date.now() % DAY_MS);
    if (untilMidnight < 45_000) await sleep(untilMidnight + 1000);
    clock = fakeTime();
    cluster = await startCluster({ nodes: 0 });
    node = await cluster.addNode(clock.env);
    gateway = await create({ permissions: ['keywright.verify'] });
  }, 120_000);
  afterAll(async () => {
    agent.destroy();
    clock.step(0);
    await cluster.stop();
    clock.clean();
  });

  test('resets no limit, locks nobody out, and expires keys by the new time', async () => {
    const hour = await create({ rateLimits: [{ name: 'hour', limit: 10, windowSeconds: 3600 }] });
    const day = await create({ quotas: [{ period: 'DAY', limit: 10 }] });
    const brief = await create({ rateLimits: [{ name: 'brief', limit: 1, windowSeconds: 1 }] });
    const lasting = await create();
    const expiring = await create({ expiresAt: new Date(Date.now() + HOUR_MS).toISOString() });
    const rotated = await create();
    await request(
      cluster.manager.url,
      'mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 7200) { secret { secret } } }',
      { id: rotated.id },
      cluster.owner,
    );
    await sleep(300);
    let spent = 0;
    // Forward, back beyond the start, over a day both ways, and correct again.
    for (const hours of [0, 5, -5, 30, -30, 0]) {
      clock.step(hours);
      expect(await askTimes(lasting, 5), `${hours} hours off`).toEqual(new Set(['VALID']));
      expect(await askTimes(hour, 1)).toEqual(new Set(['VALID']));
      expect(await askTimes(day, 1)).toEqual(new Set(['VALID']));
      expect(await ask(expiring)).toBe(hours > 0 ? 'KEY_EXPIRED' : 'VALID');
      expect(await ask(rotated)).toBe(hours > 0 ? 'KEY_NOT_FOUND' : 'VALID');
      expect(await ask(brief)).toBe('VALID');
      spent++;
      await sleep(1100);
    }
    for (const [key, refusal] of [
      [hour, 'RATE_LIMITED'],
      [day, 'QUOTA_EXCEEDED'],
    ] as const) {
      expect(await askTimes(key, 10 - spent)).toEqual(new Set(['VALID']));
      for (const hours of [0, 5, -5, 30, -30, 0]) {
        clock.step(hours);
        expect(await ask(key), `${hours} hours off`).toBe(refusal);
      }
    }
  });

  test('still receives a revocation', async () => {
    for (const hours of [6, -6]) {
      clock.step(hours);
      const key = await create();
      await sleep(300);
      expect(await ask(key)).toBe('VALID');
      await request(
        cluster.manager.url,
        'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
        { id: key.id },
        cluster.owner,
      );
      const deadline = performance.now() + 5000;
      while ((await ask(key)) === 'VALID' && performance.now() < deadline) await sleep(20);
      expect(await ask(key)).toBe('KEY_REVOKED');
    }
  });
});
