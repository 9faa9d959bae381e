import { join } from 'node:path';
import {
  CostMeter,
  dearQuestions,
  MAX_COST_RATIO,
  verifyRequest,
} from '../../support/peers/question-cost.js';
import type { Closing } from './closing.js';
import { Loader, startHelper } from './helper-process.js';
import { makeDirectory, metricOf, startInstallation, type Installation } from './keywright-server.js';
import { cpuSecondsByThread, cpuSecondsOf, cpuSecondsOfTree } from './proc.js';
import { seedVerifyKeys } from './seed-verify-keys.js';
import { waitUntilIndexed } from './wait-until-indexed.js';
import { load, loadInTurn, verifyTarget, waitUntilQuiet, type RoundPlan, type Side } from './verify-load.js';
import { median, rawOf, type Row } from './verify-table.js';

const KEYS = 10_000;
const HELPER_STARTS_WITHIN_S = 120;
/** Rounds against better-auth; few, as the ratio is far from its bound. */
const RIVAL_ROUNDS = 3;

/** Keywright in its usual setup, with keys and a load generator for them. */
export interface Bench {
  readonly installation: Installation;
  readonly tokensFile: string;
  readonly side: Side;
}

/** Starts Keywright in one process with its embedded PostgreSQL and 10,000 keys. */
export async function startBench(closing: Closing, settings: Record<string, string>): Promise<Bench> {
  const installation = await startInstallation(closing, settings);
  const tokensFile = await seedVerifyKeys(installation, KEYS);
  await waitUntilIndexed(installation, tokensFile);
  const { pid, port, postgresPid, gateway } = installation;
  const target = verifyTarget(port, gateway);
  const loader = Loader.start(closing, tokensFile);
  return { installation, tokensFile, side: { name: 'Keywright', target, loader, pids: [pid, postgresPid] } };
}

/** Starts the bare server with the same keys and the same load generator. */
export async function startBare(closing: Closing, { installation, tokensFile, side }: Bench): Promise<Side> {
  const { pid, port } = await startHelper(closing, 'bare-verify.mjs', [tokensFile], HELPER_STARTS_WITHIN_S);
  const target = verifyTarget(port, installation.gateway);
  return { name: 'bare node:http', target, loader: side.loader, pids: [pid] };
}

/** Row a: peak verifications per second against the bare server. Also returns Keywright's peak. */
export async function throughputRow(
  bare: Side,
  { side }: Bench,
  plan: RoundPlan,
): Promise<{ row: Row; peak: number }> {
  const rounds = await loadInTurn([bare, side], plan);
  const ratio = ([left, right]: (typeof rounds)[number]): number => right.perSecond / left.perSecond;
  const row: Row = {
    id: 'a',
    name: `throughput with ${KEYS} keys, to a bare server`,
    figure: median(rounds.map(ratio)),
    wanted: { atLeast: 0.8 },
    raw: rawOf([bare.name, side.name], rounds, ratio),
  };
  return { row, peak: median(rounds.map(([, keywright]) => keywright.perSecond)) };
}

/** Row b: 99th percentile latency at half of Keywright's peak, against the bare server at the same rate. */
export async function latencyRow(bare: Side, { side }: Bench, peak: number, plan: RoundPlan): Promise<Row> {
  const rate = Math.round(peak / 2);
  const rounds = await loadInTurn([bare, side], { ...plan, rate });
  const ratio = ([left, right]: (typeof rounds)[number]): number => right.p99 / left.p99;
  return {
    id: 'b',
    name: `p99 at ${rate} requests/s, to a bare server`,
    figure: median(rounds.map(ratio)),
    wanted: { atMost: 2 },
    raw: rawOf([bare.name, side.name], rounds, ratio),
  };
}

/** Row c: against better-auth's API-key plugin on the same PostgreSQL. */
export async function rivalRow(
  closing: Closing,
  { installation, side }: Bench,
  plan: RoundPlan,
): Promise<Row> {
  const tokensFile = join(await makeDirectory(closing), 'tokens');
  const args = [installation.directory, String(KEYS), tokensFile];
  const { pid, port } = await startHelper(closing, 'better-auth-verify.mjs', args, HELPER_STARTS_WITHIN_S);
  const rival: Side = {
    name: 'better-auth',
    target: verifyTarget(port, installation.gateway),
    loader: Loader.start(closing, tokensFile),
    pids: [pid, installation.postgresPid],
  };
  const rounds = await loadInTurn([rival, side], { ...plan, rounds: Math.min(plan.rounds, RIVAL_ROUNDS) });
  const ratio = ([left, right]: (typeof rounds)[number]): number => right.perSecond / left.perSecond;
  return {
    id: 'c',
    name: `throughput with ${KEYS} keys, to better-auth`,
    figure: median(rounds.map(ratio)),
    wanted: { atLeast: 20 },
    raw: rawOf([rival.name, side.name], rounds, ratio),
  };
}

/** Row g: the cost of the most expensive question, in plain questions measured alternately. */
export async function dearestRow({ installation }: Bench, rounds: number): Promise<Row> {
  const { pid, port, gateway } = installation;
  const meter = new CostMeter(pid, port);
  const request = { method: 'GET', url: '/crm/customers?page=2', ip: '203.0.113.9' };
  const plain = verifyRequest(gateway, { key: gateway, request, permission: 'keywright.verify' });
  const costs: { readonly what: string; readonly ratio: number }[] = [];
  try {
    await meter.costOf(plain, { rounds, perRound: 500 });
    for (const [what, dear] of Object.entries(dearQuestions(gateway, gateway))) {
      const one = await meter.costOf(plain, { rounds, perRound: 50 });
      costs.push({ what, ratio: (await meter.costOf(dear, { rounds })) / one });
    }
  } finally {
    meter.close();
  }
  costs.sort((a, b) => b.ratio - a.ratio);
  return {
    id: 'g',
    name: 'the dearest question, to a plain one',
    figure: costs[0]!.ratio,
    wanted: { atMost: MAX_COST_RATIO },
    raw: costs.slice(0, 5).map(({ what, ratio }) => `${ratio.toFixed(2)} plain ones: ${what}`),
  };
}

/** Rows f: the cost of a verification besides its response, at full speed. */
export async function costRows({ installation, side }: Bench, seconds: number): Promise<Row[]> {
  const { database, pid, postgresPid } = installation;
  const written = async (): Promise<{ wal: number; size: number }> => {
    await waitUntilQuiet(side.pids);
    const { rows } = await database.query<{ wal: string; size: string }>(
      `select pg_current_wal_lsn() - '0/0'::pg_lsn as wal, pg_database_size(current_database()) as size`,
    );
    return { wal: Number(rows[0]!.wal), size: Number(rows[0]!.size) };
  };
  const used = async () => ({
    process: cpuSecondsOf(pid),
    threads: cpuSecondsByThread(pid),
    postgres: cpuSecondsOfTree(postgresPid),
    flusher: await metricOf(installation, 'keywright_flusher_cpu_seconds_total'),
  });
  const before = { ...(await written()), ...(await used()) };
  const { requests } = await load(side, { seconds });
  const after = await used();
  const then = await written();
  const cores = (from: number, to: number): number => (to - from) / seconds;
  const threads = [...after.threads]
    .map(([id, { name, seconds: to }]) => {
      const which = id === String(pid) ? 'main thread' : name;
      return { which, cores: cores(before.threads.get(id)?.seconds ?? 0, to) };
    })
    .sort((a, b) => b.cores - a.cores);
  const busy = threads.filter((thread) => thread.cores >= 0.01);
  const flusher =
    after.flusher !== undefined && before.flusher !== undefined
      ? { figure: cores(before.flusher, after.flusher), raw: [] }
      : {
          figure: threads.find(({ which }) => which !== 'main thread')?.cores ?? 0,
          raw: ['There is no metric for it: this is the busiest thread besides the main one.'],
        };
  const perVerification = (from: number, to: number): number => (to - from) / requests;
  return [
    {
      id: 'f',
      name: 'WAL of PostgreSQL per verification',
      figure: perVerification(before.wal, then.wal),
      unit: ' bytes',
      raw: [
        `${requests} verifications; the database grew by ${perVerification(before.size, then.size).toFixed(0)} bytes for each`,
      ],
    },
    { id: 'f', name: 'cores that the flusher takes at full speed', ...flusher },
    {
      id: 'f',
      name: "cores that PostgreSQL's processes take at full speed",
      figure: cores(before.postgres, after.postgres),
      raw: [
        `Keywright ${cores(before.process, after.process).toFixed(2)}, by thread: ${busy.map(({ which, cores }) => `${which} ${cores.toFixed(2)}`).join(', ')}`,
      ],
    },
  ];
}
