import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisLink } from '../../server/src/database/redis-link.js';
import { createKey, signIn, verify, type CreatedKey, type VerifyBody } from '../support/peers/client.js';
import { startCluster, type Cluster, type VerifyNode } from '../support/servers/cluster.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { spawnServer } from '../support/servers/server-process.js';
import {
  NONCES_KNOWN_AFTER_MS,
  signByTimestamp,
  signMessage,
  type SignedCall,
} from '../support/peers/signers.js';
import { startKeywright } from '../support/servers/start-keywright.js';

const host = 'api.example.test';

describe('processes that share nonces through Redis', () => {
  let redis: TestRedis;
  let cluster: Cluster;
  let gateway: CreatedKey;
  let key: CreatedKey;

  beforeAll(async () => {
    redis = await startRedis();
    const env = { REDIS_URL: redis.url };
    cluster = await startCluster({ nodes: 2, env });
    gateway = await createKey(cluster.manager.url, cluster.owner, { permissions: ['keywright.verify'] });
    key = await createKey(cluster.manager.url, cluster.owner, {
      kind: 'SIGNED',
      signatureProfiles: ['TIMESTAMP', 'RFC9421'],
    });
    await sleep(NONCES_KNOWN_AFTER_MS);
  }, INSTALL_TIMEOUT_MS);
  afterAll(async () => {
    await cluster?.stop();
    await redis?.stop();
  });

  const sign = (): SignedCall => signMessage(key, '/crm?page=2', { authority: host });
  const question = ({ path, headers }: SignedCall): Record<string, unknown> => ({
    request: { method: 'GET', url: path, headers: { host, ...headers } },
  });
  const ask = async (node: { url: string }, call: SignedCall): Promise<VerifyBody> =>
    (await verify(node.url, gateway.secret, question(call))).body;
  const codeOf = async (node: { url: string }, call: SignedCall): Promise<string> =>
    (await ask(node, call)).code;
  const bearerCode = async (node: { url: string }): Promise<string> =>
    (await verify(node.url, gateway.secret, { key: gateway.secret })).body.code;
  const node = (index: number): VerifyNode => cluster.nodes[index]!;
  const outputOf = ({ process }: VerifyNode): string => process.stdout() + process.stderr();
  const times = (text: string, part: string): number => text.split(part).length - 1;
  const restart = async (index: number): Promise<void> => {
    const { process, dataDir, settings } = node(index);
    await process.stop();
    const started = spawnServer(settings);
    cluster.nodes[index] = { url: await started.ready(), process: started, dataDir, settings };
  };

  test('accept a nonce once among all of them, also after a restart', async () => {
    const call = sign();
    expect(await codeOf(node(0), call)).toBe('VALID');
    expect(await codeOf(node(0), call)).toBe('REPLAYED');
    expect(await codeOf(node(1), call)).toBe('REPLAYED');
    await restart(1);
    expect(await codeOf(node(1), call)).toBe('REPLAYED');
    expect(await codeOf(node(1), sign())).toBe('VALID');
    const other = signMessage(key, '/sandbox/production/ping', {
      authority: new URL(cluster.manager.url).host,
    });
    const atSandbox = (): Promise<Response> =>
      fetch(`${cluster.manager.url}${other.path}`, { headers: other.headers });
    expect((await atSandbox()).status).toBe(200);
    expect((await atSandbox()).status).toBe(401);
  });

  test('accept one of many concurrent requests with the same nonce', async () => {
    for (let round = 0; round < 20; round++) {
      const call = sign();
      const codes = await Promise.all([0, 1, 0, 1, 0, 1].map((index) => codeOf(node(index), call)));
      expect(codes.filter((code) => code === 'VALID')).toHaveLength(1);
      expect(codes.filter((code) => code === 'REPLAYED')).toHaveLength(5);
    }
  });

  test('use no nonce of a request that a limit rejects, and charge nothing for replays', async () => {
    const limited = await createKey(cluster.manager.url, cluster.owner, {
      kind: 'SIGNED',
      signatureProfiles: ['RFC9421'],
      rateLimits: [{ name: 'short', limit: 1, windowSeconds: 8 }],
    });
    const signLimited = (): SignedCall => signMessage(limited, '/crm?page=2', { authority: host });
    const link = await RedisLink.open(redis.url, () => undefined);
    const remembered = (): Promise<unknown> =>
      link.run(`return #redis.call('KEYS', ARGV[1])`, [], [`kw:nonce:*${limited.id}:*`]);
    try {
      const accepted = signLimited();
      expect(await codeOf(node(0), accepted)).toBe('VALID');
      const refused = Array.from({ length: 20 }, signLimited);
      for (const [i, call] of refused.entries()) expect(await codeOf(node(i % 2), call)).toBe('RATE_LIMITED');
      expect(await remembered()).toBe(1);
      expect(await codeOf(node(1), accepted)).toBe('REPLAYED');
      await eventually(async () => expect(await codeOf(node(1), refused[0]!)).toBe('VALID'), 20_000);
      expect(await codeOf(node(0), refused[0]!)).toBe('REPLAYED');
      expect(await codeOf(node(0), refused[1]!)).toBe('RATE_LIMITED');
      expect(await remembered()).toBe(2);

      // A key that has used up its share is told to retry; others are unaffected.
      const fill = `local minute = math.floor(redis.call('TIME')[1] / 60) + 3
        for _, share in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('HINCRBY', share, minute, 100000) end`;
      await link.run(fill, [], [`kw:nonces-of:*:${limited.id}`]);
      expect((await verify(node(0).url, gateway.secret, question(signLimited()))).status).toBe(503);
      expect(await codeOf(node(0), sign())).toBe('VALID');
    } finally {
      await link.close();
    }
  });

  test('use no nonce of an invalid signature', async () => {
    const good = sign();
    const forged = {
      ...good,
      headers: { ...good.headers, Signature: `sig=:${Buffer.alloc(32).toString('base64')}:` },
    };
    expect(await codeOf(node(0), forged)).toBe('SIGNATURE_INVALID');
    expect(await codeOf(node(1), good)).toBe('VALID');
  });

  const batchCodes = async (url: string, calls: readonly SignedCall[]): Promise<string[]> => {
    const response = await fetch(`${url}/v1/verify/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': gateway.secret },
      body: JSON.stringify({ requests: [...calls.map(question), { key: gateway.secret }] }),
    });
    expect(response.status).toBe(200);
    const { results } = (await response.json()) as { results: { code: string; status: number }[] };
    return results.map(({ code, status }) => `${status} ${code}`);
  };

  test('answer each request of a batch individually', async () => {
    const call = sign();
    expect(await batchCodes(node(0).url, [call, call, sign()])).toEqual([
      '200 VALID',
      '401 REPLAYED',
      '200 VALID',
      '200 VALID',
    ]);
    expect(await codeOf(node(1), call)).toBe('REPLAYED');
  });

  /** Expects that requests without Redis succeed, and that those that need it are told to retry. */
  const expectLost = async (url: string): Promise<void> => {
    const refused = await verify(url, gateway.secret, question(sign()));
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'UNAVAILABLE', status: 503 });
    expect(Number((refused.body as unknown as { retryAfter: number }).retryAfter)).toBeGreaterThan(0);
    expect(await bearerCode({ url })).toBe('VALID');
    expect(await codeOf({ url }, signByTimestamp(key, '/crm'))).toBe('VALID');
    expect(await batchCodes(url, [sign()])).toEqual(['503 UNAVAILABLE', '200 VALID']);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  };

  test('wait briefly for an unresponsive Redis, then answer 503 to signed requests only', async () => {
    const used = sign();
    expect(await codeOf(node(0), used)).toBe('VALID');
    redis.freeze();
    try {
      for (let i = 0; i < 3; i++) await expectLost(node(0).url);
      // Long enough for the connection to be dropped and restored.
      await eventually(() => expect(outputOf(node(0))).toContain('Redis cannot'));
      await expectLost(node(0).url);
    } finally {
      redis.thaw();
    }
    await eventually(async () => expect(await codeOf(node(0), sign())).toBe('VALID'));
    expect(await codeOf(node(0), used)).toBe('REPLAYED');
    await eventually(async () => expect(await codeOf(node(1), sign())).toBe('VALID'));
  });

  test('survive a Redis outage, start without Redis, and never treat a possibly forgotten nonce as new', async () => {
    const saved = sign();
    expect(await codeOf(node(0), saved)).toBe('VALID');
    await sleep(3_000);
    const used = sign();
    expect(await codeOf(node(0), used)).toBe('VALID');
    await redis.kill();
    await expectLost(node(0).url);
    await restart(1);
    await expectLost(node(1).url);
    await redis.restart();
    await eventually(async () => expect(await codeOf(node(0), sign())).toBe('VALID'));
    await eventually(async () => expect(await codeOf(node(1), sign())).toBe('VALID'));
    for (const index of [0, 1]) {
      expect(await codeOf(node(index), saved)).toBe('REPLAYED');
      // It could be saved right before the kill only by chance.
      expect(['UNAVAILABLE', 'REPLAYED']).toContain(await codeOf(node(index), used));
    }
  });

  test('log once that Redis is lost and once that it is back, and never its password', async () => {
    for (const each of cluster.nodes) {
      const output = outputOf(each);
      const lost = times(output, 'Redis cannot be used');
      expect(lost).toBeGreaterThan(0);
      // It was away for longer than the first reconnect attempts; only a change of state is logged.
      expect(times(output, 'Redis can be used again')).toBe(lost);
      expect(output).not.toContain(redis.password);
    }
    const faulty = spawnServer({ ...node(0).settings, REDIS_URL: `redis://:${redis.password}@/x` });
    await faulty.ended;
    expect(faulty.stderr()).toContain('REDIS_URL must be');
    expect(faulty.stdout() + faulty.stderr()).not.toContain(redis.password);
  });
});

test('a process that stores nonces itself accepts none twice after being killed', async () => {
  const keywright = await startKeywright();
  let process = keywright.process;
  try {
    const owner = { bearer: await signIn(keywright.url) };
    const gateway = await createKey(keywright.url, owner, { permissions: ['keywright.verify'] });
    const key = await createKey(keywright.url, owner, { kind: 'SIGNED', signatureProfiles: ['RFC9421'] });
    const ask = async (url: string, { path, headers }: SignedCall): Promise<string> =>
      (
        await verify(url, gateway.secret, {
          request: { method: 'GET', url: path, headers: { host, ...headers } },
        })
      ).body.code;
    const sign = (): SignedCall => signMessage(key, '/crm', { authority: host });
    await sleep(NONCES_KNOWN_AFTER_MS);
    const used = sign();
    expect(await ask(keywright.url, used)).toBe('VALID');
    await process.stop('SIGKILL');
    process = spawnServer(keywright.settings);
    const url = await process.ready();
    expect(await ask(url, used)).toBe('UNAVAILABLE');
    await sleep(NONCES_KNOWN_AFTER_MS);
    expect(await ask(url, used)).toBe('UNAVAILABLE');
    expect(await ask(url, sign())).toBe('VALID');
  } finally {
    await process.stop();
    await keywright.stop();
  }
});
