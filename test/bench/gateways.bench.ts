import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Closing } from './support/closing.js';
import { nginxRows, signedRow } from './support/gateway-rows.js';
import { makeDirectory } from './support/keywright-server.js';
import { localRow, revocationRow } from './support/local-rows.js';
import { startBare, startBench } from './support/verify-rows.js';
import { printTable, type Row } from './support/verify-table.js';

// The cost of signed requests, gateways and local verifiers, against a yardstick measured alternately: `--quick` runs shorter
// rounds, `--only a,b` runs some rows (e and f come with b), `--profile <directory>` writes CPU profiles of the server.

const ROWS = ['a', 'b', 'c', 'd'];
const FULL = { rounds: 5, seconds: 4, warmUpSeconds: 4 };
const QUICK = { rounds: 3, seconds: 2, warmUpSeconds: 2 };

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, profile: { type: 'string' } },
});
const wanted = new Set(values.only?.split(',') ?? ROWS);
for (const id of wanted) {
  if (!ROWS.includes(id)) throw new Error(`There is no row ${id}. Rows: ${ROWS.join(', ')}.`);
}
const plan = values.quick ? QUICK : FULL;
const closing = new Closing();
const rows: Row[] = [];
const startedAt = performance.now();
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);

async function run(): Promise<void> {
  const load = loadavg()[0]!.toFixed(1);
  say(`Node ${process.version}, ${availableParallelism()} cores, load average before the start ${load}`);
  const socket = join(await makeDirectory(closing), 'keywright.sock');
  const bench = await startBench(closing, {
    KEYWRIGHT_SOCKET: socket,
    KEYWRIGHT_TRUSTED_PROXIES: '127.0.0.1/32,unix',
    ...(values.profile
      ? {
          NODE_OPTIONS: `--import ${new URL('support/profile.mjs', import.meta.url).href}`,
          BENCH_PROFILE_DIRECTORY: resolve(values.profile),
        }
      : {}),
  });
  if (wanted.has('a')) {
    say('a: signed requests, to a bare server');
    rows.push(await signedRow(closing, bench, await startBare(closing, bench), plan));
  }
  if (wanted.has('b')) {
    say('b, e, f: through nginx, to nginx with a bare server');
    rows.push(...(await nginxRows(closing, bench, plan, socket)));
  }
  if (wanted.has('c')) {
    say('c: in the process of the caller');
    rows.push(await localRow(closing, bench.installation, plan.seconds));
  }
  if (wanted.has('d')) {
    say('d: revocations');
    rows.push(await revocationRow(closing, bench.installation));
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void closing.close().then(() => process.exit(1)));
}
try {
  await run();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await closing.close();
  printTable(rows);
}
process.exit();
