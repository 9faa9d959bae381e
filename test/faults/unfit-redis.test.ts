import { describe, expect, test, type TestContext } from 'vitest';
import { createKey, signIn, verify } from '../support/peers/client.js';
import { keywrightCommand } from '../support/servers/command-line.js';
import { INSTALL_TIMEOUT_MS } from '../support/servers/debian.js';
import { eventually } from '../support/eventually.js';
import { request, type Credential } from '../support/peers/graphql.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

interface Node {
  readonly redis: string;
  readonly redisFaults: readonly string[];
}

/** What it starts is stopped when the test has finished. */
type Finished = Pick<TestContext, 'onTestFinished'>;

async function newRedis({ onTestFinished }: Finished, ...settings: string[]): Promise<TestRedis> {
  const redis = await startRedis(settings);
  onTestFinished(() => redis.stop());
  return redis;
}

async function keywrightWith(
  { onTestFinished }: Finished,
  { url }: TestRedis,
): Promise<{ keywright: Keywright; owner: Credential }> {
  const keywright = await startKeywright({ env: { REDIS_URL: url } });
  onTestFinished(() => keywright.stop());
  return { keywright, owner: { bearer: await signIn(keywright.url) } };
}

async function nodeOf({ url }: Keywright, owner: Credential): Promise<Node> {
  const { verificationNodes } = await request<{ verificationNodes: Node[] }>(
    url,
    '{ verificationNodes { redis redisFaults } }',
    {},
    owner,
  );
  return verificationNodes[0]!;
}

const becomes = (
  { url }: Keywright,
  owner: Credential,
  redis: string,
  ...redisFaults: string[]
): Promise<void> =>
  eventually(
    async () => expect(await nodeOf({ url } as Keywright, owner)).toEqual({ redis, redisFaults }),
    20_000,
  );

/** How many of three requests are accepted for a key limited to two per minute. */
async function passed(keywright: Keywright, owner: Credential): Promise<number> {
  const limits = { rateLimits: [{ name: 'minute', limit: 2, windowSeconds: 60 }] };
  const gateway = await createKey(keywright.url, owner, { permissions: ['keywright.verify'] });
  const key = await createKey(keywright.url, owner, limits);
  let valid = 0;
  for (let i = 0; i < 3; i++) {
    const { body } = await verify(keywright.url, gateway.secret, { key: key.secret });
    if (body.code === 'VALID') valid++;
    else expect(body.code).toBe('RATE_LIMITED');
  }
  return valid;
}

/** The report of `keywright check` about it. */
async function expectChecked({ settings }: Keywright, said: RegExp, code: 0 | 1): Promise<void> {
  const ran = await keywrightCommand(settings, ['check']);
  expect(code === 0 ? ran.stdout : ran.stderr).toMatch(said);
  expect(ran.code, ran.stderr).toBe(code);
}

/** An account with all rights except INFO. */
const UNINFORMED = ['--user', 'kw', 'on', '>pw', '~*', '&*', '+@all', '-info'];

const SLOTS = ['cluster', 'addslotsrange', '0', '16383'];
const CLUSTER = ['--cluster-enabled', 'yes'];

describe.concurrent('an unsuitable Redis is reported with the reason', () => {
  test.for([
    ['a cluster', 'CLUSTER', /Redis runs in cluster mode/, CLUSTER, []],
    ['a cluster of one server', 'CLUSTER', /Redis runs in cluster mode/, CLUSTER, SLOTS],
    ['a Sentinel', 'SENTINEL', /leads to a Sentinel/, ['--sentinel'], []],
    ['a replica', 'REPLICA', /Redis is a replica/, ['--replicaof', '127.0.0.1', '1'], []],
  ] as const)(
    '%s',
    { timeout: INSTALL_TIMEOUT_MS },
    async ([, fault, expected, settings, first], context) => {
      const redis = await newRedis(context, ...settings);
      if (first.length > 0) await redis.command(...first);
      const { keywright, owner } = await keywrightWith(context, redis);
      await becomes(keywright, owner, 'AWAY', fault);
      expect(keywright.process.stdout().match(new RegExp(expected, 'g'))).toHaveLength(1);
      await expectChecked(keywright, expected, 1);
      expect(await passed(keywright, owner)).toBe(2);
      const metrics = await (await fetch(`${keywright.url}/metrics`)).text();
      expect(metrics).toMatch(/^keywright_redis_usable 0$/m);
      expect(metrics).toMatch(/^keywright_redis_faults 1$/m);
    },
  );

  test.for([
    ['a cluster', 'CLUSTER', /Redis runs in cluster mode/, CLUSTER],
    ['a Sentinel', 'SENTINEL', /leads to a Sentinel/, ['--sentinel']],
    ['a replica', 'REPLICA', /Redis is a replica/, ['--replicaof', '127.0.0.1', '1']],
  ] as const)('%s that rejects INFO', async ([, fault, expected, settings], context) => {
    const redis = await newRedis(context, ...settings, ...UNINFORMED);
    const url = redis.url.replace(/\/\/.*@/, '//kw:pw@');
    const { keywright, owner } = await keywrightWith(context, { ...redis, url });
    await becomes(keywright, owner, 'AWAY', fault);
    expect(keywright.process.stdout().match(new RegExp(expected, 'g'))).toHaveLength(1);
    await expectChecked(keywright, expected, 1);
    expect(await passed(keywright, owner)).toBe(2);
  });

  test('check reports a suitable Redis, one that rejects the password, and one that is down', async (context) => {
    const redis = await newRedis(context, ...UNINFORMED);
    const { keywright } = await keywrightWith(context, redis);
    await expectChecked(keywright, /Redis is usable\.$/m, 0);
    const at = (url: string): Keywright => ({
      ...keywright,
      settings: { ...keywright.settings, REDIS_URL: url },
    });
    await expectChecked(at(redis.url.replace(/\/\/.*@/, '//kw:pw@')), /Redis is usable\.$/m, 0);
    await expectChecked(
      at(redis.url.replace(/\/\/.*@/, '//kw:wrong@')),
      /Redis cannot be used: WRONGPASS/,
      1,
    );
    await redis.stop();
    await expectChecked(keywright, /Redis cannot be used: .*ECONNREFUSED/, 1);
  });

  test('one that evicts, even if set later', async (context) => {
    const redis = await newRedis(context, '--maxmemory-policy', 'allkeys-lru');
    const { keywright, owner } = await keywrightWith(context, redis);
    await becomes(keywright, owner, 'REACHED', 'EVICTING');
    expect(keywright.process.stdout()).toMatch(/Redis evicts data when its memory is full/);
    await expectChecked(keywright, /Redis evicts data when its memory is full/, 1);
    expect(await passed(keywright, owner)).toBe(2);
    await redis.command('config', 'set', 'maxmemory-policy', 'noeviction');
    await becomes(keywright, owner, 'REACHED');
    await redis.command('config', 'set', 'maxmemory-policy', 'volatile-ttl');
    await becomes(keywright, owner, 'REACHED', 'EVICTING');
  });

  test('one that becomes a replica while in use, until it is a primary again', async (context) => {
    const redis = await newRedis(context);
    const { keywright, owner } = await keywrightWith(context, redis);
    await becomes(keywright, owner, 'REACHED');
    await redis.command('replicaof', '127.0.0.1', '1');
    expect(await passed(keywright, owner)).toBe(2);
    await becomes(keywright, owner, 'AWAY', 'REPLICA');
    expect(keywright.process.stdout()).toMatch(/Redis is a replica/);
    await redis.command('replicaof', 'no', 'one');
    await becomes(keywright, owner, 'REACHED');
    expect(await passed(keywright, owner)).toBe(2);
  });
});
