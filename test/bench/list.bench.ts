import { request } from '../support/peers/graphql.js';
import { withServer, type BenchServer } from './support/bench-server.js';
import { KEYS_QUERY } from './support/keys-query.js';
import { seedKeys } from './support/seed-keys.js';

// Time for a page of 50 with 1,000 and with 100,000 keys, for each way to list, search and sort. The ratio is what matters.

const FEW = 1000;
const MANY = 100_000;
const WARM_UP = 5;
const ROUNDS = 25;
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
  'search by name': { filter: { search: 'Billing 777' } },
  'search by tail': { filter: { search: 'c4ca' } },
  'search without a hit': { filter: { search: 'no such key' } },
};

/** Queries that match a large share of all keys: the exact totalCount counts every match, so its cost grows with them. */
const WIDE: Record<string, Record<string, unknown>> = {
  'active in production': { filter: { status: ['ACTIVE'], environment: ['PRODUCTION'] } },
  expired: { filter: { status: ['EXPIRED'] } },
  'by permission': { filter: { permission: 'ticket.read' } },
  'search by a common word': { filter: { search: 'crm' } },
  'unused for 5 days': { filter: { unusedForDays: 5 } },
};

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;

type Page = (variables: Record<string, unknown>) => Promise<Keys>;

const pageOf =
  ({ url, bearer }: BenchServer): Page =>
  (variables) =>
    request<Keys>(url, KEYS_QUERY, { first: 50, ...variables }, { bearer });

/** Median times of one query on both servers, alternating so that other load on the machine affects both equally. */
async function compare(few: Page, many: Page, variables: [object, object]): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [i, page] of [few, many].entries()) {
      const start = performance.now();
      await page(variables[i]! as Record<string, unknown>);
      if (round >= 0) times[i]!.push(performance.now() - start);
    }
  }
  return [median(times[0]), median(times[1])];
}

async function measure(few: Page, many: Page): Promise<void> {
  const cursors = (await Promise.all([few({}), many({})])).map((keys) => keys.apiKeys.pageInfo.endCursor);
  const ways: [string, [object, object]][] = [
    ...Object.entries(WAYS).map(([name, way]): [string, [object, object]] => [name, [way, way]]),
    ['next page', [{ after: cursors[0] }, { after: cursors[1] }]],
  ];
  for (const [, variables] of ways) await compare(few, many, variables);
  const line = (name: string, [before, after]: [number, number]): number => {
    const ratio = after / before;
    const cells = [
      before.toFixed(2).padStart(9),
      after.toFixed(2).padStart(11),
      ratio.toFixed(2).padStart(6),
    ];
    console.log(`${name.padEnd(30)}${cells.join('  ')}`);
    return ratio;
  };
  console.log(`${'median ms of a page of 50'.padEnd(30)}${FEW} keys  ${MANY} keys   ratio`);
  const ratios: number[] = [];
  for (const [name, variables] of ways) ratios.push(line(name, await compare(few, many, variables)));
  console.log('where very many match, with the exact count of what matches');
  for (const [name, way] of Object.entries(WIDE)) line(name, await compare(few, many, [way, way]));
  console.log(
    `worst ratio of list, search and sort: ${Math.max(...ratios).toFixed(2)} (at most ${BOUND} wanted)`,
  );
}

await withServer((few) =>
  withServer(async (many) => {
    await seedKeys(few.database, 1, FEW + 1);
    await seedKeys(many.database, 1, MANY + 1);
    await measure(pageOf(few), pageOf(many));
  }),
);
