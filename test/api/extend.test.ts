import { beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../support/peers/client.js';
import { codes, graphql, request } from '../support/peers/graphql.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';

let keywright: OwnCustomer;
let bearer: string;
beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
});

const DAY_MS = 86_400_000;

interface Extended {
  readonly succeeded: string[];
  readonly failed: readonly { id: string; code: string; message: string }[];
}
const EXTEND = `mutation ($ids: [ID!]!, $expiresAt: DateTime, $days: Int, $shorten: Boolean = false) {
  bulkExtendApiKeys(ids: $ids, expiresAt: $expiresAt, days: $days, shorten: $shorten) {
    succeeded failed { id code message } } }`;

const extend = async (ids: readonly string[], to: Record<string, unknown>): Promise<Extended> =>
  (await request<{ bulkExtendApiKeys: Extended }>(keywright.url, EXTEND, { ids, ...to }, { bearer }))
    .bulkExtendApiKeys;

/** A key with this expiry, possibly in the past; null for never. */
async function keyUntil(expiresAt: string | null): Promise<string> {
  const { id } = await createKey(keywright.url, { bearer });
  await keywright.database.query('update api_key set expires_at = $2 where id = $1', [id, expiresAt]);
  return id;
}
async function endOf(id: string): Promise<string | null> {
  const query = 'query ($id: ID!) { apiKey(id: $id) { expiresAt } }';
  return (await request<{ apiKey: { expiresAt: string | null } }>(keywright.url, query, { id }, { bearer }))
    .apiKey.expiresAt;
}

describe('extending keys', () => {
  test('by days starts at today in UTC or the current expiry, whichever is later', async () => {
    const [later, past] = [await keyUntil('2041-03-05T00:30:00Z'), await keyUntil('2020-01-01T00:00:00Z')];
    const today = Date.now();
    expect(await extend([later, past], { days: 30 })).toEqual({ succeeded: [later, past], failed: [] });
    expect(await endOf(later)).toBe('2041-04-04T00:30:00.000Z');
    const days = [today, Date.now()].map((now) => new Date(now + 30 * DAY_MS).toISOString().slice(0, 10));
    expect(days.map((day) => `${day}T23:59:59.000Z`)).toContain(await endOf(past));
  });

  test('several times in parallel adds up', async () => {
    const key = await keyUntil('2041-01-01T23:59:59Z');
    await Promise.all([1, 2, 3, 4].map((days) => extend([key], { days })));
    expect(await endOf(key)).toBe('2041-01-11T23:59:59.000Z');
  });

  test('never shortens a key unless requested, and reports which keys it skipped', async () => {
    const [later, never, sooner] = [
      await keyUntil('2041-06-01T00:00:00Z'),
      await keyUntil(null),
      await keyUntil('2035-01-01T00:00:00Z'),
    ];
    const expiresAt = '2040-01-01T23:59:59.000Z';
    const refused = await extend([later, never, sooner], { expiresAt });
    expect(refused.succeeded).toEqual([sooner]);
    expect(refused.failed.map(({ id, code }) => [id, code])).toEqual([
      [later, 'BAD_USER_INPUT'],
      [never, 'BAD_USER_INPUT'],
    ]);
    expect(refused.failed[0]!.message).toContain('This key works until 2041-06-01T00:00:00.000Z');
    expect(refused.failed[1]!.message).toContain('This key never expires');
    expect((await extend([never], { days: 30 })).failed).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    expect(await endOf(later)).toBe('2041-06-01T00:00:00.000Z');
    expect(await endOf(never)).toBeNull();

    expect((await extend([later, never], { expiresAt, shorten: true })).succeeded).toEqual([later, never]);
    for (const id of [later, never, sooner]) expect(await endOf(id)).toBe(expiresAt);
    expect((await extend([later], { expiresAt: null })).succeeded).toEqual([later]);
    expect(await endOf(later)).toBeNull();
  });

  test.each([
    {},
    { days: 0 },
    { days: 3651 },
    { days: 30, expiresAt: '2041-01-01T00:00:00Z' },
    { days: 30, expiresAt: null },
  ])('is rejected as a whole with %j', async (to) => {
    const id = await keyUntil(null);
    expect(codes(await graphql(keywright.url, EXTEND, { ids: [id], ...to }, { bearer }))).toEqual([
      'BAD_USER_INPUT',
    ]);
  });
});

test.each(['regenerateApiKey(id: $id)', 'duplicateApiKey(id: $id, name: "Copy of one that expired")'])(
  'an expired key is rejected by %s until it is extended',
  async (field) => {
    const id = await keyUntil('2020-01-01T00:00:00Z');
    const run = () =>
      graphql(keywright.url, `mutation ($id: ID!) { ${field} { apiKey { id } } }`, { id }, { bearer });
    const refused = await run();
    expect(codes(refused)).toEqual(['BAD_USER_INPUT']);
    expect(JSON.stringify(refused.errors)).toContain('This key has expired; extend it first');
    await extend([id], { days: 30 });
    expect(codes(await run())).toEqual([]);
  },
);
