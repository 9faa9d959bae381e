import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import autocannon from 'autocannon';
import { request } from '../support/peers/graphql.js';
import { withServer } from './support/bench-server.js';
import { KEYS_QUERY } from './support/keys-query.js';
import { seedKeys } from './support/seed-keys.js';

// Rate of reading a page of 50 keys with all columns, signed in, against a bare Apollo Server that answers the same query
// with constant data on the same machine. The two are measured alternately; the ratio is what matters.

const KEYS = 1000;
const CONNECTIONS = 8;
const SECONDS = 3;
const TURNS = 8;
const BOUND = 0.5;

const root = resolve(import.meta.dirname, '../..');
const body = JSON.stringify({ query: KEYS_QUERY, variables: { first: 50 } });

/** Starts the bare server and waits for its URL. */
async function startBare(dataFile: string): Promise<{ url: string; process: ChildProcess }> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'support/bare-apollo.mjs'), join(root, 'schema/schema.graphql'), dataFile],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise<string>((done, fail) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /^Ready at (\S+)/m.exec(text)?.[1];
      if (found) done(found);
    });
    child.once('exit', () => fail(new Error('The bare Apollo Server did not start.')));
  });
  return { url, process: child };
}

/** Requests per second; every response must be a 200. */
async function rateOf(url: string, headers: Record<string, string>): Promise<number> {
  const result = await autocannon({
    url,
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx + result.errors} requests failed.`);
  return result.requests.average;
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

await withServer(async ({ url, bearer, database }) => {
  await seedKeys(database, 1, KEYS + 1);
  const directory = await mkdtemp(join(tmpdir(), 'keywright-bench-page-'));
  const dataFile = join(directory, 'page.json');
  await writeFile(dataFile, JSON.stringify(await request(url, KEYS_QUERY, { first: 50 }, { bearer })));
  const bare = await startBare(dataFile);
  const rates = { keywright: [] as number[], bare: [] as number[] };
  try {
    for (let turn = -1; turn < TURNS; turn++) {
      const keywright = await rateOf(`${url}/graphql`, { authorization: `Bearer ${bearer}` });
      const constant = await rateOf(bare.url, {});
      if (turn < 0) continue;
      rates.keywright.push(keywright);
      rates.bare.push(constant);
      console.log(
        `turn ${turn + 1}: Keywright ${keywright.toFixed(0)}/s, bare Apollo ${constant.toFixed(0)}/s`,
      );
    }
  } finally {
    bare.process.kill();
    await rm(directory, { recursive: true, force: true });
  }
  const ratio = mean(rates.keywright) / mean(rates.bare);
  console.log(
    `pages of 50 a second: ${mean(rates.keywright).toFixed(0)} against ${mean(rates.bare).toFixed(0)}, ratio ${ratio.toFixed(2)} (at least ${BOUND} wanted)`,
  );
});
