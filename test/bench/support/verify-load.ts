import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadOrder, LoadResult, LoadTarget } from './load-messages.js';
import type { Loader } from './helper-process.js';
import { cpuSecondsOf, cpuSecondsOfTree, userSecondsOf } from './proc.js';
import { ASKED } from './seed-verify-keys.js';

const CONNECTIONS = 32;
const QUIET_CORES = 0.08;
const QUIET_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 250;
const MAX_WARM_UPS = 10;
const IDLE_MS = 2000;
const IDLE_MEASUREMENTS = 3;

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

/**
 * What a load took of the server's process, until it was idle again, in microseconds of CPU time per request; without what it
 * takes while idle.
 */
export interface RequestCost {
  readonly cpuMicroseconds: number;
  /** Without the time of the kernel. */
  readonly userMicroseconds: number;
  /** The share of a core that the process takes while idle. */
  readonly idleCores: number;
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
  /**
   * Requests that each server must have answered before, within a bound: on a busy machine the seconds are not enough for its
   * code to be compiled, of which a larger server has more. Absent: none.
   */
  readonly warmUpRequests?: number;
  /** Requests per second; absent: as many as possible. */
  readonly rate?: number;
}

/** CPU time that a server's process takes, in seconds or as a share of a core. */
interface Used {
  readonly cpu: number;
  readonly user: number;
}

/** Starts a measurement; the returned function ends it. */
function usedBy({ pids }: Side): () => Used & { readonly seconds: number } {
  const server = pids[0]!;
  const startMs = performance.now();
  const [cpu, user] = [cpuSecondsOf(server), userSecondsOf(server)];
  return () => ({
    seconds: (performance.now() - startMs) / 1000,
    cpu: cpuSecondsOf(server) - cpu,
    user: userSecondsOf(server) - user,
  });
}

/**
 * The shares of a core that idle servers take: they poll for changes, which no request causes. The least of some measurements,
 * since work that a load left behind is not that.
 */
async function idleCosts(sides: readonly Side[]): Promise<Used[]> {
  let least = sides.map((): Used => ({ cpu: Infinity, user: Infinity }));
  for (let i = 0; i < IDLE_MEASUREMENTS; i++) {
    const ends = sides.map(usedBy);
    await sleep(IDLE_MS);
    least = ends.map((end, side) => {
      const { seconds, cpu, user } = end();
      const before = least[side]!;
      return { cpu: Math.min(before.cpu, cpu / seconds), user: Math.min(before.user, user / seconds) };
    });
  }
  return least;
}

async function warmUp(
  side: Side,
  { warmUpSeconds, warmUpRequests = 0 }: RoundPlan,
  how: Pick<LoadOrder, 'seconds' | 'rate'>,
): Promise<void> {
  if (warmUpSeconds === 0) return;
  let answered = 0;
  for (let loads = 0; loads === 0 || (loads < MAX_WARM_UPS && answered < warmUpRequests); loads++) {
    answered += (await load(side, { ...how, seconds: warmUpSeconds })).requests;
  }
}

/**
 * Loads two servers alternately, so that other load on the machine affects both equally; never both at once, and neither while
 * the other, or its PostgreSQL, still has work left.
 */
export async function loadInTurn(sides: readonly [Side, Side], plan: RoundPlan): Promise<Rounds> {
  const { rounds, seconds, rate } = plan;
  const pids = sides.flatMap((side) => side.pids);
  const how = { seconds, ...(rate === undefined ? {} : { rate }) };
  for (const side of sides) await warmUp(side, plan, how);
  const idleCost = new Map<Side, Used>();
  const results: [Measured, Measured][] = [];
  const measure = async (side: Side): Promise<Measured> => {
    const used = usedBy(side);
    const result = await load(side, how);
    await waitUntilQuiet(pids);
    const { seconds: elapsed, cpu, user } = used();
    const idle = idleCost.get(side)!;
    const perRequest = (seconds: number, idleShare: number): number =>
      (Math.max(0, seconds - elapsed * idleShare) * 1e6) / result.requests;
    return {
      ...result,
      cpuMicroseconds: perRequest(cpu, idle.cpu),
      userMicroseconds: perRequest(user, idle.user),
      idleCores: idle.cpu,
    };
  };
  await waitUntilQuiet(pids);
  for (const [i, idle] of (await idleCosts(sides)).entries()) idleCost.set(sides[i]!, idle);
  for (let round = 0; round < rounds; round++)
    results.push([await measure(sides[0]), await measure(sides[1])]);
  return results;
}
