import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, signIn, type CreatedKey } from '../support/peers/client.js';
import { eventually } from '../support/eventually.js';
import { spawnServer } from '../support/servers/server-process.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';
import { startTraffic } from '../support/peers/traffic.js';

let keywright: Keywright;

beforeAll(async () => {
  // Every verification gets a row, so that each can be found.
  keywright = await startKeywright({ env: { KEYWRIGHT_REQUEST_LOG_ROWS_PER_SECOND: '1000000' } });
});
afterAll(() => keywright.stop());

/** A key's usage counts in the database. */
async function counted({ id }: CreatedKey): Promise<number> {
  const [row] = await keywright.database.query<{ count: number }>(
    'select coalesce(sum(count), 0)::int as count from usage_total where api_key_id = $1',
    [id],
  );
  return row!.count;
}

test('ten kills under load lose no answered verification and count none twice', async () => {
  const owner = { bearer: await signIn(keywright.url) };
  const [caller, key] = await Promise.all([
    createKey(keywright.url, owner, { name: 'Gateway', permissions: ['keywright.verify'] }),
    createKey(keywright.url, owner, { name: 'Client', permissions: ['view_customer'] }),
  ]);
  await keywright.process.stop();
  const answered: string[] = [];
  for (let round = 0; round < 10; round++) {
    const server = spawnServer(keywright.settings);
    const url = await server.ready();
    const traffic = startTraffic({ url: () => url, caller: caller.secret, secret: () => key.secret });
    await sleep(300 + 60 * round);
    await eventually(() => expect(traffic.outcomes.length).toBeGreaterThan(50));
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    const outcomes = await traffic.stop();
    const good = outcomes.filter(({ status }) => status === 200);
    expect(good.length).toBeGreaterThan(50);
    expect(good.every(({ code }) => code === 'VALID')).toBe(true);
    answered.push(...good.map(({ requestId }) => requestId));
  }
  const last = spawnServer(keywright.settings);
  await last.ready();
  await last.stop();
  const total = await counted(key);
  const rows = await keywright.database.query<{ id: string }>(`select id from request_log`);
  const logged = new Set(rows.map(({ id }) => id));
  expect(answered.filter((id) => !logged.has(id))).toEqual([]);
  // Besides answered calls, only those in flight at the kill are counted, each once.
  expect(total).toBe(logged.size);
  expect(rows.length).toBe(logged.size);
  expect(total).toBeLessThanOrEqual(answered.length + 10 * 8);
  // So is each call of the caller's key.
  const calls = await counted(caller);
  expect(calls).toBeGreaterThanOrEqual(answered.length);
  expect(calls).toBeLessThanOrEqual(answered.length + 10 * 8);
});
