import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadOrder, LoadResult, LoadTarget } from './load-messages.js';
import type { Loader } from './helper-process.js';
import { cpuSecondsOf, cpuSecondsOfTree, userSecondsOf } from './proc.js';
import { ASKED } from './seed-verify-keys.js';

const CONNECTIONS = 32;
const QUIET_CORES = 0.08;
const QUIET_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 250;

/** A server under load: its address, its load generator, and its processes. */
export interface Side {
  readonly name: string;
  readonly target: LoadTarget;
  readonly loader: Loader;
  /** The server itself first. */
  readonly pids: readonly number[];
}

/** The verification request, the same for every server. */
export function verifyTarget(port: number, gateway: string): LoadTarget {
  const { environment, permission, scope, ip } = ASKED;
  const request = { method: 'GET', url: '/crm/customers?page=2', ip };
  const rest = JSON.stringify({ request, environment, permission, scope });
  return {
    port,
    path: '/v1/verify',
    headers: [`x-api-key: ${gateway}`],
    body: ['{"key":"', `",${rest.slice(1)}`],
  };
}

/** Waits until these processes are idle, up to a limit. */
export async function waitUntilQuiet(pids: readonly number[]): Promise<void> {
  const used = (): number => pids.reduce((sum, pid) => sum + cpuSecondsOfTree(pid), 0);
  const deadline = performance.now() + QUIET_WITHIN_MS;
  let before = used();
  let quiet = 0;
  while (quiet < 2 && performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
    const now = used();
    quiet = (now - before) / (LOOK_EVERY_MS / 1000) <= QUIET_CORES ? quiet + 1 : 0;
    before = now;
  }
}

/** Loads one server. */
export const load = (side: Side, how: Pick<LoadOrder, 'seconds' | 'rate'>): Promise<LoadResult> =>
  side.loader.run({ ...side.target, connections: CONNECTIONS, ...how });

/** What a load took of the server's process, until it was idle again, in microseconds of CPU time per request. */
export interface RequestCost {
  readonly cpuMicroseconds: number;
  /** Without the time of the kernel. */
  readonly userMicroseconds: number;
}

/** The result of one load and its cost. */
export type Measured = LoadResult & RequestCost;

/** Results of two servers, per round. */
export type Rounds = readonly (readonly [Measured, Measured])[];

/** Duration and number of rounds for both servers. */
export interface RoundPlan {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Requests per second; absent: as many as possible. */
  readonly rate?: number;
}

/**
 * Loads two servers alternately, so that other load on the machine affects both equally; never both at once, and neither while
 * the other, or its PostgreSQL, still has work left.
 */
export async function loadInTurn(sides: readonly [Side, Side], plan: RoundPlan): Promise<Rounds> {
  const { rounds, seconds, warmUpSeconds, rate } = plan;
  const pids = sides.flatMap((side) => side.pids);
  const how = { seconds, ...(rate === undefined ? {} : { rate }) };
  if (warmUpSeconds > 0) for (const side of sides) await load(side, { ...how, seconds: warmUpSeconds });
  const results: [Measured, Measured][] = [];
  const measure = async (side: Side): Promise<Measured> => {
    const server = side.pids[0]!;
    const [cpu, user] = [cpuSecondsOf(server), userSecondsOf(server)];
    const result = await load(side, how);
    await waitUntilQuiet(pids);
    const perRequest = (seconds: number): number => (seconds * 1e6) / result.requests;
    return {
      ...result,
      cpuMicroseconds: perRequest(cpuSecondsOf(server) - cpu),
      userMicroseconds: perRequest(userSecondsOf(server) - user),
    };
  };
  await waitUntilQuiet(pids);
  for (let round = 0; round < rounds; round++)
    results.push([await measure(sides[0]), await measure(sides[1])]);
  return results;
}
