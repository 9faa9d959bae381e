import { createKey } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import { withServer } from './support/bench-server.js';

// Creates and revokes per second, each with its audit event and change-feed row in one durable transaction, and each answered
// once verification has applied it.

const CONCURRENCY = 8;
const CHANGES = 400;
const REVOKE = 'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }';

/** Processes all items with the given concurrency; returns items per second. */
async function rateOf<Item>(items: Item[], work: (item: Item) => Promise<unknown>): Promise<number> {
  const queue = items.values();
  const start = performance.now();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (items.length * 1000) / (performance.now() - start);
}

await withServer(async ({ url, bearer }) => {
  const ids: string[] = [];
  const create = async (name: string): Promise<void> => {
    ids.push((await createKey(url, { bearer }, { name })).id);
  };
  const named = (prefix: string): string[] => Array.from({ length: CHANGES }, (_, i) => `${prefix} ${i}`);
  await rateOf(named('Warm-up').slice(0, 50), create);
  ids.length = 0;
  const creates = await rateOf(named('Key'), create);
  const revokes = await rateOf(ids, (id) => request(url, REVOKE, { id }, { bearer }));
  console.log(`creates a second: ${creates.toFixed(0)} (${CONCURRENCY} at once)`);
  console.log(`revokes a second: ${revokes.toFixed(0)} (${CONCURRENCY} at once)`);
});
