import { availableParallelism, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Closing } from './support/closing.js';
import { manyRows } from './support/verify-million.js';
import { load, type RoundPlan } from './support/verify-load.js';
import {
  costRows,
  dearestRow,
  latencyRow,
  rivalRow,
  startBare,
  startBench,
  throughputRow,
} from './support/verify-rows.js';
import { printTable, type Row } from './support/verify-table.js';

// The cost of a verification over HTTP, each figure as a ratio to a yardstick measured alternately in the same run:
// `--quick` takes fewer keys and shorter rounds, `--only a,b` some rows, `--profile <directory>` writes CPU profiles
// of the servers.

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const MAX_RUN_MS = 15 * 60_000;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

const FULL = { keys: 1_000_000, bounded: true, rounds: 5, seconds: 4, warmUpSeconds: 4 };
const QUICK = { keys: 100_000, bounded: false, rounds: 3, seconds: 2, warmUpSeconds: 2 };

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, profile: { type: 'string' } },
});
const wanted = new Set(values.only?.split(',') ?? ROWS);
for (const id of wanted) {
  if (!ROWS.includes(id)) throw new Error(`There is no row ${id}. Rows: ${ROWS.join(', ')}.`);
}
if (process.platform !== 'linux') throw new Error('This bench reads /proc, so it runs on Linux only.');

const plan = values.quick ? QUICK : FULL;
const all = new Closing();
const startedAt = performance.now();

const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);

const settings: Record<string, string> = values.profile
  ? {
      NODE_OPTIONS: `--import ${new URL('support/profile.mjs', import.meta.url).href}`,
      BENCH_PROFILE_DIRECTORY: resolve(values.profile),
    }
  : {};

/** Runs one part and stops everything it started, so that the next one has the machine to itself. */
async function part(measure: (closing: Closing) => Promise<void>): Promise<void> {
  const closing = new Closing();
  all.add(() => closing.close());
  try {
    await measure(closing);
  } finally {
    await closing.close();
  }
}

async function ordinaryRows(closing: Closing, rounds: RoundPlan, rows: Row[]): Promise<void> {
  say('starting Keywright with its keys');
  const bench = await startBench(closing, settings);
  if (wanted.has('a') || wanted.has('b')) {
    const bare = await startBare(closing, bench);
    say('a: throughput, to a bare server');
    // Row b also needs the peak.
    const { row, peak } = await throughputRow(
      bare,
      bench,
      wanted.has('a') ? rounds : { ...rounds, rounds: 1 },
    );
    if (wanted.has('a')) rows.push(row);
    if (wanted.has('b')) {
      say('b: p99 at half the peak, to a bare server');
      rows.push(await latencyRow(bare, bench, peak, rounds));
    }
  } else {
    await load(bench.side, { seconds: rounds.warmUpSeconds });
  }
  if (wanted.has('c')) {
    say('c: throughput, to better-auth, which makes its keys first');
    rows.push(await rivalRow(closing, bench, rounds));
  }
  if (wanted.has('f')) {
    say('f: what it costs besides the answer');
    rows.push(...(await costRows(bench, 2 * rounds.seconds)));
  }
  if (wanted.has('g')) {
    say('g: the dearest question, to a plain one');
    rows.push(await dearestRow(bench, rounds.rounds));
  }
}

async function run(rows: Row[]): Promise<void> {
  const load = loadavg()[0]!.toFixed(1);
  say(`Node ${process.version}, ${availableParallelism()} cores, load average before the start ${load}`);
  if (['a', 'b', 'c', 'f', 'g'].some((id) => wanted.has(id))) {
    await part((closing) => ordinaryRows(closing, plan, rows));
  }
  if (wanted.has('d') || wanted.has('e')) {
    say(`d, e: ${plan.keys} keys`);
    await part(async (closing) => {
      rows.push(...(await manyRows(closing, { ...plan, rows: wanted, settings, say })));
    });
  }
}

const rows: Row[] = [];
let exitCode = 0;
const end = async (code: number): Promise<never> => {
  exitCode ||= code;
  await all.close();
  // Print all measurements so far, however the run ended.
  if (rows.length > 0) printTable(rows.splice(0).sort((a, b) => a.id.localeCompare(b.id)));
  process.exit(exitCode);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(EXIT_CODES[signal]));
setTimeout(() => {
  console.error('The bench takes too long; it stops.');
  void end(1);
}, MAX_RUN_MS).unref();
try {
  await run(rows);
} catch (error) {
  // Ignore failures during shutdown, which causes them.
  if (!all.begun) console.error(error);
  await end(1);
}
await end(0);
