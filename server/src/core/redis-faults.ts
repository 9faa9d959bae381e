/** Why a Redis server cannot store counts and nonces, or can lose them. */
export type RedisFault = 'CLUSTER' | 'SENTINEL' | 'REPLICA' | 'EVICTING';

const ALONE =
  'Until then, each process counts limits on its own and rejects requests signed with a nonce (503).';

/** What is wrong, what follows from it, and what to do. */
export const REDIS_FAULT_TEXTS: Readonly<Record<RedisFault, string>> = {
  CLUSTER: `Redis runs in cluster mode, which spreads the keys of one step over several servers. Set REDIS_URL to a Redis that does not run in cluster mode. ${ALONE}`,
  SENTINEL: `REDIS_URL leads to a Sentinel, which monitors Redis and stores nothing. Set it to an address that always leads to the primary. ${ALONE}`,
  REPLICA: `Redis is a replica, which does not accept writes. Set REDIS_URL to an address that always leads to the primary. ${ALONE}`,
  EVICTING:
    'Redis evicts data when its memory is full (maxmemory-policy): counts then start again from zero, and a nonce can be used twice. Set maxmemory-policy to noeviction.',
};

const lineOf = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];

/** Faults of a Redis server according to `INFO`. */
export function faultsOfInfo(info: string): RedisFault[] {
  const mode = lineOf(info, 'redis_mode');
  const policy = lineOf(info, 'maxmemory_policy');
  const faults: RedisFault[] = [];
  if (mode === 'cluster' || lineOf(info, 'cluster_enabled') === '1') faults.push('CLUSTER');
  if (mode === 'sentinel') faults.push('SENTINEL');
  if (lineOf(info, 'role') === 'slave') faults.push('REPLICA');
  if (policy !== undefined && policy !== 'noeviction') faults.push('EVICTING');
  return faults;
}

/** Faults of a Redis server according to `HELLO`, which no ACL can deny. */
export function faultsOfHello(reply: unknown): RedisFault[] {
  const { mode, role } = Object(reply) as { readonly mode?: unknown; readonly role?: unknown };
  const faults: RedisFault[] = [];
  if (mode === 'cluster') faults.push('CLUSTER');
  if (mode === 'sentinel') faults.push('SENTINEL');
  if (role === 'replica') faults.push('REPLICA');
  return faults;
}

/** The fault that a Redis error reveals, if any. */
export function faultOfError(message: string): RedisFault | undefined {
  if (/\bREADONLY\b/.test(message)) return 'REPLICA';
  return /^(?:MOVED|ASK|CROSSSLOT|CLUSTERDOWN)\b/.test(message) ? 'CLUSTER' : undefined;
}

/** Whether Redis cannot be used for counting. */
export const isUnusable = (faults: readonly RedisFault[]): boolean =>
  faults.some((fault) => fault !== 'EVICTING');
