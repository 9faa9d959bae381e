import { beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import { ownCustomer, type OwnCustomer } from '../support/seed/own-customer.js';
import { subscribe } from '../support/peers/subscribe.js';

let keywright: OwnCustomer;
let bearer: string;
beforeAll(async () => {
  keywright = await ownCustomer();
  ({ bearer } = keywright);
});

interface Bulk {
  readonly succeeded: string[];
  readonly failed: readonly { id: string; code: string }[];
  readonly propagation: { nodes: number; applied: number } | null;
}
const disable = async (ids: readonly string[]): Promise<Bulk> =>
  (
    await request<{ bulkDisableApiKeys: Bulk }>(
      keywright.url,
      `mutation ($ids: [ID!]!) { bulkDisableApiKeys(ids: $ids) {
         succeeded failed { id code } propagation { nodes applied } } }`,
      { ids },
      { bearer },
    )
  ).bulkDisableApiKeys;

describe('a bulk change', () => {
  test('reports how far all its changes have propagated', async () => {
    const keys = [await createKey(keywright.url, { bearer }), await createKey(keywright.url, { bearer })];
    const ids = keys.map(({ id }) => id);
    expect(await disable(ids)).toEqual({
      succeeded: ids,
      failed: [],
      propagation: { nodes: 1, applied: 1 },
    });
    expect(await disable(['key_01h455vb4pex5vsknk084sn02q'])).toMatchObject({ propagation: null });
  });

  test('continues after a key that fails for its own reasons, and logs why', async () => {
    const [broken, fine] = [
      await createKey(keywright.url, { bearer }),
      await createKey(keywright.url, { bearer }),
    ];
    await keywright.database.query(
      `create function refuse_key() returns trigger language plpgsql as
       $$ begin raise exception 'the disk has a hole'; end $$`,
    );
    await keywright.database.query(
      `create trigger refuse_key before update on api_key for each row when (old.id = '${broken.id}')
       execute function refuse_key()`,
    );
    expect(await disable([broken.id, fine.id])).toMatchObject({
      succeeded: [fine.id],
      failed: [{ id: broken.id, code: 'INTERNAL' }],
    });
    await keywright.database.query('drop trigger refuse_key on api_key');
    const output = await keywright.output();
    expect(output).toContain('the disk has a hole');
    expect(output).toContain(broken.id);
  });
});

test('maintenance of a key is not reported as a change', async () => {
  const key = await createKey(keywright.url, { bearer });
  const query = (sql: string): Promise<unknown> => keywright.database.query(sql, [key.id]);
  await request(
    keywright.url,
    'mutation ($id: ID!) { regenerateApiKey(id: $id, overlapSeconds: 3600) { apiKey { id } } }',
    { id: key.id },
    { bearer },
  );
  await query(`update api_key set overlap_ends_at = now() - interval '1 second' where id = $1`);
  const live = await subscribe<{ apiKeyChanged: { action: string } }>(
    keywright.url,
    'subscription ($ids: [ID!]) { apiKeyChanged(ids: $ids) { action } }',
    { ids: [key.id] },
    { bearer },
  );
  // The changes of a pepper rotation and of the cleanup of an expired overlap.
  await query(
    `update api_key set secret_digest = sha256(secret_digest), pepper_id = pepper_id + 1,
       previous_pepper_id = coalesce(previous_pepper_id, pepper_id) where id = $1`,
  );
  await query(
    `update api_key set previous_public_part = null, previous_digest = null, previous_pepper_id = null,
       overlap_ends_at = null where id = $1`,
  );
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await disable([key.id]);
  expect(await live.next()).toEqual({ apiKeyChanged: { action: 'api_key.disabled' } });
  await live.close();
});
