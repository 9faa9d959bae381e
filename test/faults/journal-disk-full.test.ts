import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { cuttableProxy, type CuttableProxy } from '../support/peers/cuttable-proxy.js';
import { eventually } from '../support/eventually.js';
import { megabytesOf, metricOf } from '../support/servers/figures.js';
import { freshDatabase, type FreshDatabase } from '../support/servers/fresh-database.js';
import { limitedFiles, smallDisk, testOnDisk, type Disk } from '../support/servers/full-disk.js';
import { request, type Credential } from '../support/peers/graphql.js';
import { spawnServer } from '../support/servers/server-process.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';
import { startTraffic } from '../support/peers/traffic.js';

const FULL_MS = 4000;
const BATCH = 100;
/** 32 MiB can wait in memory; the rest is in transit. */
const MORE_MEMORY_MB = 120;

let dataDir: string;
let small: Awaited<ReturnType<typeof smallDisk>>;
let database: FreshDatabase;
let proxy: CuttableProxy;
let keywright: Keywright;
let limited: Disk;
let caller: CreatedKey;
let good: CreatedKey;
let revoked: CreatedKey;

beforeAll(async () => {
  [dataDir, database] = await Promise.all([temporaryDirectory(), freshDatabase()]);
  small = await smallDisk(join(dataDir, 'journal'), 64);
  proxy = await cuttableProxy(database.url);
  keywright = await startKeywright({
    env: {
      DATABASE_URL: proxy.url,
      KEYWRIGHT_DATA_DIR: dataDir,
      KEYWRIGHT_REQUEST_LOG_ROWS_PER_SECOND: '1000000',
    },
  });
  limited = limitedFiles(keywright.process.pid, join(dataDir, 'journal'));
  const owner: Credential = { bearer: await signIn(keywright.url) };
  const make = (overrides = {}): Promise<CreatedKey> => createKey(keywright.url, owner, overrides);
  caller = await make({ permissions: ['keywright.verify'] });
  await sleep(1000);
});
beforeEach(async () => {
  const owner: Credential = { bearer: await signIn(keywright.url) };
  [good, revoked] = await Promise.all([createKey(keywright.url, owner), createKey(keywright.url, owner)]);
  const revoke = 'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }';
  await request(keywright.url, revoke, { id: revoked.id }, owner);
});
afterAll(async () => {
  await keywright.stop();
  await proxy.close();
  await database.drop();
  await small?.unmount();
  await rm(dataDir, { recursive: true, force: true });
});

const metric = (name: string): Promise<number> => metricOf(keywright.url, name);
const log = (): string => keywright.process.stdout() + keywright.process.stderr();

async function counted(key: CreatedKey): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'select coalesce(sum(count), 0)::int as count from usage_total where api_key_id = $1',
    [key.id],
  );
  return row!.count;
}

/** Verifies for a while with a full disk and then with free space, and checks the results. */
async function promised(disk: Disk): Promise<void> {
  const [unwritten, logged] = [await metric('usage_unwritten_total'), log().length];
  const secrets = [good.secret, good.secret, revoked.secret];
  let i = 0;
  const traffic = startTraffic({
    url: () => keywright.url,
    caller: caller.secret,
    secret: () => secrets[i++ % secrets.length]!,
  });
  await sleep(300);
  await disk.fill();
  await eventually(async () => expect(await metric('journal_broken')).toBe(1));
  const before = traffic.outcomes.length;
  await sleep(FULL_MS);
  const during = traffic.outcomes.length - before;
  expect(await metric('journal_broken')).toBe(1);
  expect((await metric('usage_unwritten_total')) - unwritten).toBeGreaterThan(0.9 * during);
  expect(during).toBeGreaterThan(1000);
  // The database soon has what the journal cannot store: it only passes through memory.
  await traffic.stop();
  const answered = (secret: string): number => traffic.outcomes.filter((o) => o.secret === secret).length;
  const complete = async (): Promise<void> => {
    expect(await counted(good)).toBe(answered(good.secret));
    expect(await counted(revoked)).toBe(answered(revoked.secret));
  };
  await eventually(complete, 15_000);
  for (const { status, code, secret } of traffic.outcomes) {
    expect(`${status} ${code}`).toBe(secret === good.secret ? '200 VALID' : '200 KEY_REVOKED');
  }
  await disk.free();
  const after = startTraffic({
    url: () => keywright.url,
    caller: caller.secret,
    secret: () => good.secret,
    pauseMs: 10,
  });
  await eventually(async () => expect(await metric('journal_broken')).toBe(0));
  const written = await metric('usage_unwritten_total');
  await sleep(500);
  const more = await after.stop();
  expect(await metric('usage_unwritten_total'), 'the journal takes everything again').toBe(written);
  await eventually(async () => expect(await counted(good)).toBe(answered(good.secret) + more.length));
  expect(await metric('usage_lost_total')).toBe(0);
  const output = log().slice(logged);
  // Once each, or a few times: the last block of a full disk sometimes fits a small frame.
  for (const line of ['The usage journal cannot be written', 'The usage journal can be written again']) {
    expect(output).toContain(line);
    expect(output.split(line).length).toBeLessThan(10);
  }
  console.log(`${during} verifications in ${FULL_MS} ms without a journal, none of them lost.`);
}

test('verification continues and nothing is lost while journal files cannot grow', () => promised(limited));

await testOnDisk("verification continues and nothing is lost while the journal's disk is full", () =>
  promised(small!),
);

test('with PostgreSQL down too, memory stays bounded, and losses are counted and reported', async () => {
  const memory = (): Promise<number> => megabytesOf(keywright.process.pid);
  const [before, logged] = [await memory(), log().length];
  await (small ?? limited).fill();
  await proxy.cut();
  const url = `/${'€'.repeat(1600)}`;
  const body = JSON.stringify({
    requests: Array.from({ length: BATCH }, () => ({ key: good.secret, request: { method: 'GET', url } })),
  });
  const headers = { 'content-type': 'application/json', 'x-api-key': caller.secret };
  let [answered, peak] = [0, before];
  const send = async (): Promise<void> => {
    const response = await fetch(`${keywright.url}/v1/verify/batch`, { method: 'POST', headers, body });
    expect(response.status).toBe(200);
    const { results } = (await response.json()) as { results: { code: string }[] };
    expect(results.map(({ code }) => code)).toEqual(Array.from({ length: BATCH }, () => 'VALID'));
    answered += BATCH;
    peak = Math.max(peak, await memory());
  };
  const endBy = performance.now() + 30_000;
  while ((await metric('usage_lost_total')) === 0 && performance.now() < endBy) await send();
  const reached = answered;
  // The same amount again does not change memory use.
  for (let again = 0; again < reached; again += BATCH) await send();
  expect(await metric('usage_lost_total')).toBeGreaterThan(reached / 2);
  console.log(
    `${reached} answers until the bound, as many after it; ${(peak - before).toFixed(0)} MB more at most.`,
  );
  expect(peak - before).toBeLessThan(MORE_MEMORY_MB);
  expect(log().slice(logged).split('Usage is lost:').length).toBe(2);

  await Promise.all([(small ?? limited).free(), proxy.mend()]);
  const known = async (): Promise<number> => (await counted(good)) + (await metric('usage_lost_total'));
  await eventually(async () => expect(await known()).toBe(answered), 20_000);
  await send();
  await eventually(async () => expect(await metric('journal_broken')).toBe(0));
  await eventually(async () => expect(await known()).toBe(answered));
  expect(log().slice(logged)).toMatch(/No more usage is lost\. \d+ verifications were not counted/);
});

testOnDisk(
  'a process that starts on a full disk verifies, leaves no files behind, and has counted everything when it stops',
  async () => {
    await keywright.process.stop();
    await small!.fill();
    const server = spawnServer(keywright.settings);
    const url = await server.ready();
    const secret = (): string => good.secret;
    const traffic = startTraffic({ url: () => url, caller: caller.secret, secret, pauseMs: 5 });
    await sleep(2000);
    const outcomes = await traffic.stop();
    expect(new Set(outcomes.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['200 VALID']));
    expect(await metricOf(url, 'journal_broken')).toBe(1);
    const names = await readdir(join(dataDir, 'journal'));
    expect(names.filter((name) => name.endsWith('.journal')).length).toBeLessThan(3);
    await server.stop();
    expect(await counted(good)).toBe(outcomes.length);
    expect(server.stdout() + server.stderr()).not.toMatch(/Usage is lost/);
  },
);
