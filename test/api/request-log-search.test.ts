import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn } from '../support/peers/client.js';
import { request } from '../support/peers/graphql.js';
import { startKeywright, type Keywright } from '../support/servers/start-keywright.js';

const ROWS = 270_000;
const EVERY_MS = 100;
const NEEDLE = '/needle';

let keywright: Keywright;
let bearer: string;
let newestMs: number;

/** Fills the log with identical rows, except one near the end. */
async function fillLog(): Promise<void> {
  const day = new Date(newestMs - 86_400_000).toISOString().slice(0, 10);
  const today = new Date(newestMs).toISOString().slice(0, 10);
  await keywright.database.query(
    `create table request_log_${day.replaceAll('-', '')} partition of request_log
     for values from ('${day} 00:00:00+00') to ('${today} 00:00:00+00')`,
  );
  await keywright.database.query(
    `insert into request_log (id, at, environment, code, status, method, path, ip)
     select 'req_' || lpad(i::text, 26, '0'), to_timestamp($1 / 1000.0) - i * interval '${EVERY_MS} milliseconds', 'PRODUCTION',
       'VALID', 200, 'GET', case i when ${ROWS} - 10 then '${NEEDLE}' else '/customers/' || i end, '203.0.113.9'
     from generate_series(1, ${ROWS}) i`,
    [newestMs],
  );
}

interface LogPage {
  nodes: { id: string; path: string }[];
  searchedTo: string | null;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const search = async (filter: object, after: string | null = null): Promise<LogPage> =>
  (
    await request<{ requestLogs: LogPage }>(
      keywright.url,
      `query ($filter: RequestLogFilter, $after: String) {
         requestLogs(filter: $filter, first: 50, after: $after) {
           nodes { id path } searchedTo pageInfo { hasNextPage endCursor } } }`,
      { filter, after },
      { bearer },
    )
  ).requestLogs;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  newestMs = Math.floor(Date.now() / 1000) * 1000;
  await fillLog();
}, 120_000);
afterAll(() => keywright.stop());

test('a search with few matches reports how far it got, and continues from there', async () => {
  const found: string[] = [];
  let reachedMs = newestMs;
  let pages = 0;
  for (let after: string | null = null; ; pages++) {
    const page: LogPage = await search({ pathPrefix: NEEDLE }, after);
    found.push(...page.nodes.map(({ path }) => path));
    if (!page.pageInfo.hasNextPage) {
      expect(page.searchedTo).toBeNull();
      break;
    }
    expect(Date.parse(page.searchedTo!)).toBeLessThan(reachedMs);
    reachedMs = Date.parse(page.searchedTo!);
    after = page.pageInfo.endCursor;
    expect(after).not.toBeNull();
  }
  expect(found).toEqual([NEEDLE]);
  expect(pages).toBeGreaterThan(0);
});

test('a search with many matches fills its pages, each row once', async () => {
  const first = await search({ ip: '203.0.113.9' });
  expect(first).toMatchObject({ searchedTo: null, pageInfo: { hasNextPage: true } });
  const second = await search({ ip: '203.0.113.9' }, first.pageInfo.endCursor);
  const paths = [...first.nodes, ...second.nodes].map(({ path }) => path);
  expect(paths).toEqual(Array.from({ length: 100 }, (_, i) => `/customers/${i + 1}`));
});

test('a time range limits a search, and an empty list of codes reads nothing', async () => {
  const from = new Date(newestMs - 1000 * EVERY_MS).toISOString();
  expect(await search({ pathPrefix: NEEDLE, at: { from } })).toMatchObject({
    nodes: [],
    searchedTo: null,
    pageInfo: { hasNextPage: false, endCursor: null },
  });
  expect(await search({ code: [] })).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false } });
});

test('the list of keys responds while searches of the log wait', async () => {
  const client = new pg.Client({ connectionString: keywright.database.url });
  await client.connect();
  try {
    await client.query('begin; lock table request_log in access exclusive mode');
    let settled = 0;
    const searches = Array.from({ length: 20 }, () =>
      search({ pathPrefix: NEEDLE }).finally(() => settled++),
    );
    await request(keywright.url, '{ apiKeys(first: 10) { nodes { id } } }', {}, { bearer });
    expect(settled).toBe(0);
    await client.query('rollback');
    await Promise.all(searches);
  } finally {
    await client.end();
  }
});
