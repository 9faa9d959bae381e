import type {
  AccessHoldReason,
  AccessHoldTarget,
  NodeRedis,
  NodeRole,
  ProcessesQuery,
  RedisFault,
} from '../../gql/graphql.js';
import type { Look } from '../../lib/labels.js';
import { formatCount } from '../../lib/number.js';
import { formatExact } from '../../lib/time.js';

/** A process on the page. */
export type Process = ProcessesQuery['verificationNodes'][number];

/** Labels of what a process does. */
export const ROLE_LABELS: Record<NodeRole, string> = {
  ALL: 'Manages and verifies',
  MANAGE: 'Manages',
  VERIFY: 'Verifies',
};

/** Display of how a process counts limits. */
export const REDIS_LOOKS: Record<NodeRedis, Look> = {
  NONE: { label: 'Local', icon: 'i-lucide-circle-dot', color: 'neutral' },
  REACHED: { label: 'Shared', icon: 'i-lucide-circle-check', color: 'success' },
  AWAY: { label: 'Redis unreachable', icon: 'i-lucide-triangle-alert', color: 'warning' },
};

/** What a restored database lost about a service account, role, scope or route rules, for use in a sentence. */
export const ACCESS_HOLD_WORDS: Record<AccessHoldReason, string> = {
  DISABLED: 'disabled',
  API_DISABLED: 'API turned off',
  ACCESS: 'less access',
  MOVED: 'moved',
  CHANGED: 'changed',
};

/** Objects other than keys that can be held, and the page that shows each. */
export const ACCESS_HOLD_TARGETS: Record<AccessHoldTarget, { label: string; route: string }> = {
  SERVICE_ACCOUNT: { label: 'Service account', route: 'service-account' },
  ROLE: { label: 'Role', route: 'role' },
  SCOPE: { label: 'Scope', route: 'scope' },
  ROUTE_RULES: { label: 'Gateways', route: 'route-rules' },
};

const COUNTS_ALONE = 'Until then, it counts limits locally and rejects requests signed with a nonce.';

/** State of the processes' Redis, its effect, and what to do. */
const REDIS_FAULT_WORDS: Record<RedisFault, (hosts: string) => string> = {
  CLUSTER: (hosts) =>
    `The Redis of ${hosts} is in cluster mode, which Keywright does not support. Set REDIS_URL to a Redis that is not in cluster mode. ${COUNTS_ALONE}`,
  SENTINEL: (hosts) =>
    `The REDIS_URL of ${hosts} points to a Sentinel, which stores nothing. Set it to an address that always reaches the primary. ${COUNTS_ALONE}`,
  REPLICA: (hosts) =>
    `The Redis of ${hosts} is a replica, which accepts no writes. Set REDIS_URL to an address that always reaches the primary. ${COUNTS_ALONE}`,
  EVICTING: (hosts) =>
    `The Redis of ${hosts} evicts keys when its memory is full: limits then start over, and a nonce can be used twice. Set its maxmemory-policy to noeviction.`,
};

const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

/** A number of bytes with at most one decimal, such as `1.5 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A busy machine delays reports briefly; longer silence means that the process hangs or cannot reach the database. */
const LATE_MS = 6_000;
/** More than a moment of usage at full load. */
const BACKLOG_BYTES = 32_000_000;

/** How long the page reports a restored or failed-over database. */
const TOLD_FOR_MS = 24 * 60 * 60_000;

const isRecent = (at: string | null | undefined, nowMs: number): boolean =>
  at != null && nowMs - Date.parse(at) < TOLD_FOR_MS;

const verifies = ({ role }: Process): boolean => role !== 'MANAGE';
const hosts = (processes: readonly Process[]): string =>
  [...new Set(processes.map(({ host }) => host))].join(', ');

function lostWords(processes: readonly Process[]): string {
  const lost = processes.reduce((sum, { lostCount }) => sum + Number(lostCount), 0);
  const isMinimum = processes.some(({ lostCountIsMinimum }) => lostCountIsMinimum);
  if (lost === 0) return 'An unknown number of verifications is';
  const count = lost === 1 ? '1 verification is' : `${formatCount(lost)} verifications are`;
  return isMinimum ? `At least ${count}` : count;
}

/** The number of uncounted verifications of a process. */
export function formatLost({ lostCount, lostCountIsMinimum }: Process): string {
  const lost = formatCount(Number(lostCount));
  return lostCountIsMinimum ? `At least ${lost}` : lost;
}

/** Warnings for the operator, most severe first. */
export function concerns(processes: readonly Process[], nowMs: number): string[] {
  const found: string[] = [];
  const changed = processes.filter(({ databaseChangedAt }) => isRecent(databaseChangedAt, nowMs));
  if (changed.length > 0) {
    const last = changed
      .map(({ databaseChangedAt }) => databaseChangedAt!)
      .sort()
      .at(-1)!;
    found.push(
      `The database was replaced, restored or failed over (noticed by ${hosts(changed)}, last at ${formatExact(last)}). All keys were reloaded. Check the latest changes: those that the database lost must be repeated.`,
    );
  }
  const losing = processes.filter(
    ({ lostCount, lostCountIsMinimum }) => Number(lostCount) > 0 || lostCountIsMinimum,
  );
  if (losing.length > 0) {
    found.push(
      `${lostWords(losing)} missing from the counts of ${hosts(losing)}: a restored database no longer has them, or they could be written neither to disk nor to the database. Check whether the disk is full.`,
    );
  }
  const late = processes.filter(({ seenAt }) => nowMs - Date.parse(seenAt) > LATE_MS);
  if (late.length > 0) found.push(`${hosts(late)} has not reported for some seconds.`);
  const behind = processes.filter(({ backlogBytes }) => Number(backlogBytes) > BACKLOG_BYTES);
  if (behind.length > 0) {
    found.push(
      `Usage of ${hosts(behind)} is waiting to be written: it is safe on disk, but charts and logs are delayed.`,
    );
  }
  const deaf = processes.filter(({ hearsNotifications }) => hearsNotifications === false);
  if (deaf.length > 0) {
    found.push(
      `PostgreSQL notifications do not reach ${hosts(deaf)}, which happens with PgBouncer in transaction mode: changes are polled ten times a second, and live usage does not update. Set pool_mode to session, or connect to PostgreSQL directly.`,
    );
  }
  for (const fault of Object.keys(REDIS_FAULT_WORDS) as RedisFault[]) {
    const faulty = processes.filter(({ redisFaults }) => redisFaults.includes(fault));
    if (faulty.length > 0) found.push(REDIS_FAULT_WORDS[fault](hosts(faulty)));
  }
  const away = processes.filter(
    ({ redis, redisFaults }) => redis === 'AWAY' && !redisFaults.some((fault) => fault !== 'EVICTING'),
  );
  if (away.length > 0) {
    found.push(
      `${hosts(away)} cannot reach Redis. Until it can, it counts limits locally and rejects requests signed with a nonce.`,
    );
  }
  const verifying = processes.filter(verifies);
  if (verifying.length > 1 && verifying.some(({ redis }) => redis === 'NONE')) {
    found.push(
      'Several processes verify, and not all of them share limits: a key can use its full limit at each. Set REDIS_URL for all of them.',
    );
  }
  if (new Set(processes.map(({ version }) => version)).size > 1) {
    found.push('Not all processes run the same version.');
  }
  return found;
}
