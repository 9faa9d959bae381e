import { request } from '../support/graphql.js';
import { withServer, type BenchServer } from './support/bench-server.js';
import { KEYS_QUERY } from './support/keys-query.js';
import { seedKeys } from './support/seed-keys.js';

// Time of a page of 50 with 1,000 and with 100,000 keys, for each way to list, search and sort. What counts is the ratio.

const FEW = 1000;
const MANY = 100_000;
const WARM_UP = 8;
const ROUNDS = 40;
const BOUND = 2;

const SORTS = ['NAME', 'CREATED', 'MODIFIED', 'EXPIRES', 'CREATED_BY', 'LAST_USED', 'USAGE'];

interface Keys {
  apiKeys: { nodes: { id: string; name: string }[]; pageInfo: { endCursor: string } };
}

const WAYS: Record<string, Record<string, unknown>> = {
  'first page': {},
  ...Object.fromEntries(
    SORTS.flatMap((field) =>
      ['ASC', 'DESC'].map((direction) => [`sorted by ${field} ${direction}`, { sort: { field, direction } }]),
    ),
  ),
  'search by name': { filter: { search: 'crm 8' } },
  'search by full name': { filter: { search: 'Billing 777' } },
  'search by tail': { filter: { search: 'c4ca' } },
  'search without a hit': { filter: { search: 'no such key' } },
  'active in production': { filter: { status: ['ACTIVE'], environment: ['PRODUCTION'] } },
  expired: { filter: { status: ['EXPIRED'] } },
  'by permission': { filter: { permission: 'ticket.read' } },
  'unused for 5 days': { filter: { unusedForDays: 5 } },
};

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;

async function measure({ url, bearer }: BenchServer): Promise<Map<string, number>> {
  const results = new Map<string, number>();
  const page = (variables: Record<string, unknown>): Promise<Keys> =>
    request<Keys>(url, KEYS_QUERY, { first: 50, ...variables }, { bearer });
  const { endCursor } = (await page({})).apiKeys.pageInfo;
  for (const [name, variables] of [...Object.entries(WAYS), ['next page', { after: endCursor }] as const]) {
    const times: number[] = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const start = performance.now();
      await page(variables);
      if (round >= 0) times.push(performance.now() - start);
    }
    results.set(name, median(times));
  }
  return results;
}

await withServer(async (server) => {
  await seedKeys(server.database, 1, FEW + 1);
  const few = await measure(server);
  await seedKeys(server.database, FEW + 1, MANY + 1);
  const many = await measure(server);
  console.log(`${'median ms of a page of 50'.padEnd(30)}${FEW} keys  ${MANY} keys   ratio`);
  let worst = 0;
  for (const [name, before] of few) {
    const after = many.get(name)!;
    worst = Math.max(worst, after / before);
    const [a, b, ratio] = [before, after, after / before].map((n) => n.toFixed(2));
    console.log(`${name.padEnd(30)}${a!.padStart(9)}  ${b!.padStart(11)}  ${ratio!.padStart(6)}`);
  }
  console.log(`worst ratio ${worst.toFixed(2)} (at most ${BOUND} wanted)`);
});
