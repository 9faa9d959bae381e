import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, verify, type CreatedKey } from '../support/peers/client.js';
import { startCluster, type Cluster } from '../support/servers/cluster.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { eventually } from '../support/eventually.js';
import { megabytesOf, metricOf } from '../support/servers/figures.js';
import { queryOnce } from '../support/servers/fresh-database.js';
import { request } from '../support/peers/graphql.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { startTraffic, type Outcome, type Traffic } from '../support/peers/traffic.js';

const BOUND_MS = 5000;
/** How much longer than the bound the database stays away. */
const SHEDDING_MS = 750;
const BACK_WITHIN_MS = 6000;
const MORE_MEMORY_MB = 60;

let postgres: TestPostgres;
let proxy: CuttableProxy;
let cluster: Cluster;
let caller: CreatedKey;
let good: CreatedKey;
let revoked: CreatedKey;
let traffics: { url: string; pid: number; traffic: Traffic }[] = [];

beforeAll(async () => {
  // Commits must survive a kill, as in a real installation.
  postgres = await startPostgres(['synchronous_commit=on']);
  proxy = await cuttableProxy(postgres.url);
  // The process with role `all` reaches the database through the proxy; the verify-only one directly.
  cluster = await startCluster({
    nodes: 0,
    env: {
      KEYWRIGHT_ROLE: 'all',
      DATABASE_URL: proxy.url,
      KEYWRIGHT_MAX_STALENESS_SECONDS: String(BOUND_MS / 1000),
    },
  });
  await cluster.addNode({ DATABASE_URL: postgres.url });
  const { manager, owner, nodes } = cluster;
  const make = (overrides = {}): Promise<CreatedKey> => createKey(manager.url, owner, overrides);
  [caller, good, revoked] = await Promise.all([make({ permissions: ['keywright.verify'] }), make(), make()]);
  await request(
    manager.url,
    'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }',
    { id: revoked.id },
    owner,
  );
  // What was changed before it is known where it is known; the other keys are counted.
  const last = await make();
  for (const { url } of [manager, ...nodes]) {
    await eventually(async () => {
      expect((await verify(url, caller.secret, { key: last.secret })).body.code).toBe('VALID');
    });
  }
  const secrets = [good.secret, good.secret, good.secret, revoked.secret];
  traffics = [manager, ...nodes].map(({ url, process: { pid } }) => {
    let i = 0;
    const secret = (): string => secrets[i++ % secrets.length]!;
    return {
      url,
      pid,
      traffic: startTraffic({ url: () => url, caller: caller.secret, secret, connections: 4, pauseMs: 10 }),
    };
  });
  // Warm up before measuring memory.
  await sleep(3000);
});
afterAll(async () => {
  await Promise.all(traffics.map(({ traffic }) => traffic.stop()));
  await cluster.stop();
  await proxy.close();
  await postgres.stop();
});

const outcomeOf = (outcomes: readonly Outcome[]): string[] =>
  [...new Set(outcomes.map(({ status, code }) => `${status} ${code}`))].sort();

/** From when to when the state of a process that lost its database reaches the bound, as it reports the age itself. */
async function boundOf(url: string): Promise<{ readonly earliest: number; readonly latest: number }> {
  const asked = performance.now();
  const ageMs = (await metricOf(url, 'index_age_seconds')) * 1000;
  return { earliest: asked + BOUND_MS - ageMs, latest: performance.now() + BOUND_MS - ageMs };
}

/** Cuts off the database for longer than the bound, restores it, and checks the answers of each process that lost it. */
async function outage(
  name: string,
  away: () => Promise<void> | void,
  back: () => Promise<void> | void,
  affected: readonly (typeof traffics)[number][],
): Promise<void> {
  const before = await Promise.all(affected.map(({ pid }) => megabytesOf(pid)));
  const firsts = affected.map(({ traffic }) => traffic.outcomes.length);
  await away();
  const bounds = await Promise.all(affected.map(({ url }) => boundOf(url)));
  const passedAt = Math.max(...bounds.map(({ latest }) => latest));
  await sleep(passedAt + SHEDDING_MS - performance.now());
  for (const { url } of affected) {
    const shed = await fetch(`${url}/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': caller.secret },
      body: JSON.stringify({ key: good.secret }),
    });
    expect(shed.status).toBe(503);
    expect(Number(shed.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await shed.json()).toMatchObject({ code: 'UNAVAILABLE' });
  }
  await back();
  const backAt = performance.now();
  for (const [i, { url, pid, traffic }] of affected.entries()) {
    const { earliest, latest } = bounds[i]!;
    const since = (): Outcome[] => traffic.outcomes.slice(firsts[i]);
    const first = await eventually(() => {
      const found = since().find(({ sentAt, code }) => sentAt > latest && code === 'VALID');
      expect(found, `${name}: a good key verifies again at ${url}`).toBeDefined();
      return found!;
    }, BACK_WITHIN_MS);
    await sleep(500);
    const outcomes = since();
    const ofGood = outcomes.filter(({ secret }) => secret === good.secret);
    const ofRevoked = outcomes.filter(({ secret }) => secret === revoked.secret);
    const known = ofGood.filter(({ doneAt }) => doneAt < earliest);
    expect(known.length).toBeGreaterThan(100);
    expect(outcomeOf(known)).toEqual(['200 VALID']);
    const late = ofGood.filter(({ sentAt, doneAt }) => sentAt > latest && doneAt < backAt - 100);
    expect(outcomeOf(late)).toEqual(['503 UNAVAILABLE']);
    expect(outcomeOf(ofGood)).toEqual(['200 VALID', '503 UNAVAILABLE']);
    expect(outcomeOf(ofRevoked)).toEqual(['200 KEY_REVOKED', '503 UNAVAILABLE']);
    expect(outcomeOf(ofGood.filter(({ sentAt }) => sentAt > first.doneAt))).toEqual(['200 VALID']);
    const more = (await megabytesOf(pid)) - before[i]!;
    console.log(
      `${name}: verified again ${Math.round(first.doneAt - backAt)} ms after it was back; ` +
        `${outcomes.length} answers; memory ${more.toFixed(1)} MB more than before.`,
    );
    expect(more).toBeLessThan(MORE_MEMORY_MB);
  }
}

test('known keys keep verifying until the staleness limit while PostgreSQL is killed, and work again afterwards', async () => {
  await outage('killed', postgres.kill, postgres.restart, traffics);
});

test('the same while PostgreSQL is frozen', async () => {
  await outage('frozen', postgres.freeze, postgres.thaw, traffics);
});

test('the same while the network drops every packet; a key disabled meanwhile is rejected from the first decision on', async () => {
  const key = await createKey(cluster.manager.url, cluster.owner);
  const [first, other] = traffics as [(typeof traffics)[number], (typeof traffics)[number]];
  const codeAt = async (url: string): Promise<string> => {
    const response = await fetch(`${url}/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': caller.secret },
      body: JSON.stringify({ key: key.secret }),
    });
    return ((await response.json()) as { code: string }).code;
  };
  const codes: string[] = [];
  const away = async (): Promise<void> => {
    expect(await codeAt(first.url)).toBe('VALID');
    proxy.swallow();
    await queryOnce(postgres.url, 'update api_key set enabled = false where id = $1', [key.id]);
    await eventually(async () => expect(await codeAt(other.url)).toBe('KEY_DISABLED'), 5000);
  };
  let watched = Promise.resolve();
  const watch = async (): Promise<void> => {
    while (codes.at(-1) !== 'KEY_DISABLED' && codes.length < 2000) {
      codes.push(await codeAt(first.url));
      await sleep(5);
    }
  };
  const back = (): void => {
    proxy.unswallow();
    watched = watch();
  };
  await outage('black-holed', away, back, [first]);
  await watched;
  expect(codes.filter((code) => code !== 'UNAVAILABLE')).toEqual(['KEY_DISABLED']);
  expect(outcomeOf(other.traffic.outcomes.slice(-500))).toEqual(['200 KEY_REVOKED', '200 VALID']);
});

test('no process exited, and every answered verification is counted once', async () => {
  const { manager, nodes } = cluster;
  const ended = Promise.race([manager, ...nodes].map(({ process }) => process.ended));
  expect(await Promise.race([ended, sleep(50, 'running')])).toBe('running');
  const all = (await Promise.all(traffics.map(({ traffic }) => traffic.stop()))).flat();
  expect(all.filter(({ fault }) => fault !== null)).toEqual([]);
  const answered = (id: string): number =>
    all.filter(({ status, secret }) => status === 200 && secret === id).length;
  const counted = async (id: string): Promise<number> => {
    const [row] = await queryOnce<{ count: number }>(
      postgres.url,
      'select coalesce(sum(count), 0)::int as count from usage_total where api_key_id = $1',
      [id],
    );
    return row!.count;
  };
  await eventually(async () => {
    expect(await counted(good.id)).toBe(answered(good.secret));
    expect(await counted(revoked.id)).toBe(answered(revoked.secret));
  }, 15_000);
});
