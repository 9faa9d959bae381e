import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKey, verify, type CreatedKey, type VerifyBody } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { eventually } from '../support/eventually.js';
import { queryOnce } from '../support/servers/fresh-database.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { spawnServer } from '../support/servers/server-process.js';
import { NONCES_KNOWN_AFTER_MS, signMessage } from '../support/peers/signers.js';

const MINUTE = { rateLimits: [{ name: 'minute', limit: 10, windowSeconds: 60 }] };
const MONTH = { quotas: [{ period: 'MONTH', limit: 10 }] };

let redis: TestRedis;
let cluster: Cluster;
let gateway: CreatedKey;

/** An unused key that every process has loaded. */
async function newKey(limits: Record<string, unknown>): Promise<CreatedKey> {
  const key = await createKey(cluster.manager.url, cluster.owner, limits);
  await eventually(async () => {
    for (const { url } of cluster.nodes) {
      const question = { key: key.secret, environment: 'STAGING' };
      expect((await verify(url, gateway.secret, question)).body.code).toBe('WRONG_ENVIRONMENT');
    }
  });
  return key;
}
const ask = async (node: number, { secret }: CreatedKey, cost = 1): Promise<VerifyBody> =>
  (await verify(cluster.nodes[node]!.url, gateway.secret, { key: secret, cost })).body;
/** How many of the given requests, sent to all processes concurrently, are accepted. */
async function passed(key: CreatedKey, requests: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: requests }, (_, i) => ask(i % 2, key)));
  for (const { code } of answers) expect(['VALID', 'RATE_LIMITED', 'QUOTA_EXCEEDED']).toContain(code);
  return answers.filter(({ code }) => code === 'VALID').length;
}
const remaining = async (node: number, key: CreatedKey, cost: number): Promise<number> => {
  const { limits } = (await ask(node, key, cost)) as unknown as { limits: { remaining: number }[] };
  return limits[0]!.remaining;
};
/** Waits until the process shares its counts: Redis then records each of its requests. */
const together = (): Promise<void> =>
  eventually(async () => {
    for (const { url } of cluster.nodes) {
      expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^keywright_redis_usable 1$/m);
    }
  });
async function restart(node: number): Promise<void> {
  const { process, dataDir, settings } = cluster.nodes[node]!;
  await process.stop();
  const started = spawnServer(settings);
  cluster.nodes[node] = { url: await started.ready(), process: started, dataDir, settings };
}

describe('processes that share limits in Redis', () => {
  beforeAll(async () => {
    redis = await startRedis();
    cluster = await startCluster({ nodes: 2, env: { REDIS_URL: redis.url } });
    gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
    await together();
  }, INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await cluster?.stop();
    await redis?.stop();
  });

  test('admit exactly the limit, whatever the concurrency', async () => {
    for (const limits of [MINUTE, MONTH, { ...MINUTE, ...MONTH }]) {
      expect(await passed(await newKey(limits), 200)).toBe(10);
    }
  });

  test('share what is left, and reset nothing when one is restarted', async () => {
    const key = await newKey(MINUTE);
    expect(await remaining(0, key, 4)).toBe(6);
    expect(await remaining(1, key, 3)).toBe(3);
    await restart(1);
    await together();
    expect(await remaining(1, key, 1)).toBe(2);
    expect(await ask(0, key, 3)).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(await remaining(1, key, 2)).toBe(0);
  });

  test('include requests to the sample API and keys that call Keywright itself', async () => {
    const key = await newKey({ ...MINUTE, permissions: ['*', 'keywright.verify'] });
    expect(await remaining(0, key, 7)).toBe(3);
    const { url } = cluster.manager;
    const ping = (): Promise<Response> =>
      fetch(`${url}/sandbox/production/ping`, { headers: { 'x-api-key': key.secret } });
    expect((await ping()).status).toBe(200);
    const asked = await verify(cluster.nodes[1]!.url, key.secret, { key: gateway.secret });
    expect(asked.body.code).toBe('VALID');
    expect(await remaining(1, key, 1)).toBe(0);
    expect((await ping()).status).toBe(429);
    expect((await verify(cluster.nodes[0]!.url, key.secret, { key: gateway.secret })).status).toBe(429);
  });

  test('continue without Redis, each with its own count, and add what they admitted afterwards', async () => {
    const minute = await newKey(MINUTE);
    const month = await newKey(MONTH);
    const used = await newKey(MONTH);
    expect(await passed(used, 20)).toBe(10);
    expect(await remaining(0, month, 2)).toBe(8);
    redis.freeze();
    try {
      const counted = await passed(minute, 60);
      expect(counted).toBeGreaterThanOrEqual(10);
      expect(counted).toBeLessThanOrEqual(20);
      expect(await remaining(0, month, 6)).toBe(2);
      // A process that has accepted none of them can accept as many as if it were alone.
      expect(await passed(used, 60)).toBeLessThanOrEqual(10);
    } finally {
      redis.thaw();
    }
    await eventually(async () => {
      for (const node of [0, 1]) {
        expect(await remaining(node, month, 11)).toBe(2);
        expect(await remaining(node, minute, 11)).toBe(0);
      }
    }, 15_000);
    expect(await passed(used, 20)).toBe(0);
  });

  test('keep quotas when Redis loses all data, and continue while it is down', async () => {
    const key = await newKey(MONTH);
    expect(await remaining(0, key, 9)).toBe(1);
    // Usage reaches the database within a moment.
    await eventually(async () => {
      const text = await (await fetch(`${cluster.nodes[0]!.url}/metrics`)).text();
      expect(text).toMatch(/^keywright_journal_backlog_bytes 0$/m);
    });
    await redis.kill();
    expect(await ask(0, gateway)).toMatchObject({ code: 'VALID' });
    expect(await passed(await newKey(MINUTE), 60)).toBeLessThanOrEqual(20);
    await redis.forget();
    await redis.restart();
    await together();
    expect(await passed(key, 40)).toBe(1);
  });
});

test(
  'two installations on one Redis share no counts and no nonces, but processes of one installation do',
  async () => {
    redis = await startRedis();
    cluster = await startCluster({ nodes: 1, env: { REDIS_URL: redis.url } });
    const { url } = cluster.manager.database;
    const original = new URL(url).pathname.slice(1);
    const copied = `${original}_copy`;
    const server = inject('postgresUrl');
    try {
      gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
      await together();
      const signed = await createKey(cluster.manager.url, cluster.owner, {
        kind: 'SIGNED',
        signatureProfiles: ['RFC9421'],
      });
      const key = await newKey({ rateLimits: [{ name: 'day', limit: 10, windowSeconds: 86_400 }] });
      // The copy has the same keys; only its own name in Redis separates them.
      await eventually(async () => {
        await queryOnce(
          server,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${original}'`,
        );
        await queryOnce(server, `create database ${copied} template ${original}`);
      });
      const ofCopy = { DATABASE_URL: url.replace(original, copied) };
      await cluster.addNode(ofCopy);
      await together();
      await sleep(NONCES_KNOWN_AFTER_MS);
      const host = 'api.example.test';
      const call = signMessage(signed, '/crm', { authority: host });
      const codeOf = async (node: number): Promise<string> => {
        const question = { request: { method: 'GET', url: call.path, headers: { host, ...call.headers } } };
        return (await verify(cluster.nodes[node]!.url, gateway.secret, question)).body.code;
      };
      expect(await remaining(0, key, 7)).toBe(3);
      expect(await codeOf(0)).toBe('VALID');
      expect(await remaining(1, key, 4)).toBe(6);
      expect(await codeOf(1)).toBe('VALID');
      await cluster.addNode();
      await cluster.addNode(ofCopy);
      await together();
      expect(await remaining(2, key, 1)).toBe(2);
      expect(await remaining(3, key, 1)).toBe(5);
      expect(await Promise.all([0, 1, 2, 3].map(codeOf))).toEqual(Array(4).fill('REPLAYED'));
    } finally {
      await cluster.stop();
      await queryOnce(server, `drop database if exists ${copied} with (force)`);
      await redis.stop();
    }
  },
  INSTALL_TIMEOUT_MS,
);

test('without Redis each process admits the full limit, which shows why Redis is needed', async () => {
  cluster = await startCluster({ nodes: 2 });
  try {
    gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
    expect(await passed(await newKey(MINUTE), 200)).toBe(20);
  } finally {
    await cluster.stop();
  }
});
