import type { Closing } from './closing.js';
import { Loader } from './helper-process.js';
import {
  manages,
  metricOf,
  startInstallation,
  startVerifier,
  type Installation,
  type Keywright,
} from './keywright-server.js';
import { residentBytesOf } from './proc.js';
import { seedVerifyKeys } from './seed-verify-keys.js';
import { load, loadInTurn, verifyTarget, type RoundPlan, type Side } from './verify-load.js';
import { median, rawOf, type Row } from './verify-table.js';

const FEW = 1000;
const MIB = 1024 * 1024;

/** A verifying process next to a managing one, with the given number of keys. */
interface Pair {
  readonly installation: Installation;
  readonly verifier: Keywright;
  readonly side: Side;
}

async function startPair(
  closing: Closing,
  keys: number,
  { settings, say }: Pick<ManyPlan, 'settings' | 'say'>,
): Promise<Pair> {
  const installation = await startInstallation(closing, { KEYWRIGHT_ROLE: 'manage' });
  const start = performance.now();
  const tokensFile = await seedVerifyKeys(installation, keys);
  say(`seeded ${keys} keys in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const verifier = await startVerifier(closing, installation, settings);
  const { postgresPid, pid, gateway } = installation;
  const side = {
    name: `${keys} keys`,
    target: verifyTarget(verifier.port, gateway),
    loader: Loader.start(closing, tokensFile),
    pids: [verifier.pid, pid, postgresPid],
  };
  return { installation, verifier, side };
}

/** Measurements with a large number of keys. */
export interface ManyPlan extends RoundPlan {
  readonly keys: number;
  /** Whether there are enough keys for the time and memory bounds to apply. */
  readonly bounded: boolean;
  readonly rows: ReadonlySet<string>;
  /** Extra settings of the verifying process. */
  readonly settings: Record<string, string>;
  readonly say: (line: string) => void;
}

/** Rows d and e: load time, memory and verification speed with a large number of keys. */
export async function manyRows(closing: Closing, plan: ManyPlan): Promise<Row[]> {
  const { keys, rows, bounded, say } = plan;
  const many = await startPair(closing, keys, plan);
  const { verifier, side } = many;
  const loaded = residentBytesOf(verifier.pid) / MIB;
  const measured = await metricOf(verifier, 'keywright_index_load_seconds');
  const kind = (await manages(verifier))
    ? 'the process also manages: its role was ignored'
    : 'a process that verifies only';
  const result: Row[] = [];
  if (rows.has('e')) {
    const few = await startPair(closing, FEW, plan);
    say('e: throughput with many keys, to few');
    const rounds = await loadInTurn([few.side, side], plan);
    const ratio = ([left, right]: (typeof rounds)[number]): number => right.perSecond / left.perSecond;
    result.push({
      id: 'e',
      name: `throughput with ${keys} keys, to that with ${FEW}`,
      figure: median(rounds.map(ratio)),
      wanted: { atLeast: 0.85 },
      raw: rawOf([few.side.name, side.name], rounds, ratio),
    });
  } else {
    await load(side, { seconds: plan.seconds });
  }
  if (!rows.has('d')) return result;
  const used = residentBytesOf(verifier.pid) / MIB;
  const atMost = (bound: number): Pick<Row, 'wanted'> => (bounded ? { wanted: { atMost: bound } } : {});
  const byMetric = measured === undefined ? 'no metric of it' : `${measured.toFixed(2)} s by its metric`;
  return [
    {
      id: 'd',
      name: `from the start of the process to ready with ${keys} keys`,
      figure: verifier.startSeconds,
      unit: ' s',
      ...atMost(15),
      raw: [`${kind}; loading the index: ${byMetric}`],
    },
    { id: 'd', name: 'resident memory once loaded', figure: loaded, unit: ' MiB', ...atMost(1024), raw: [] },
    { id: 'd', name: 'resident memory after traffic', figure: used, unit: ' MiB', ...atMost(1024), raw: [] },
    ...result,
  ];
}
