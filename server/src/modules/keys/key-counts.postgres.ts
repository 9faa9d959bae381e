import type { Reach } from '../access/decide/access-set.js';
import { EXPIRING_SOON_MS, type KeyStatus } from '@keywright/schema/lifecycle';
import { ACTIVE_KEY, Conditions, statusSql, SUSPENDED_ACCOUNTS } from './key-filter.postgres.js';
import type { KeyCounts, KeyFilter } from './key-filter.js';

/** Counts from the tally combined with the index of expiries. */
export interface Tally {
  readonly live: number;
  /** Enabled together with their service account and API, whether expired or not. */
  readonly working: number;
  readonly revoked: number;
  readonly expired: number;
  readonly expiredWorking: number;
  readonly expiringSoon: number;
}

const TALLIED: ReadonlySet<string> = new Set(['environment', 'kind', 'status']);

/** Whether the counts for a filter can come from the tally instead of from the keys. */
export const isTallied = (filter: KeyFilter, reach: Reach): boolean =>
  reach === 'EVERYTHING' &&
  Object.entries(filter).every(
    ([member, value]) => value == null || (member === 'search' && value === '') || TALLIED.has(member),
  );

/**
 * Reads the tally of some environments and kinds; the cost depends only on the number of keys that have expired or
 * soon will.
 */
export function tallySql(filter: KeyFilter, nowMs: number): { sql: string; parameters: unknown[] } {
  const conditions = new Conditions();
  if (filter.environment)
    conditions.add(`environment = any(${conditions.value(filter.environment)}::text[])`);
  if (filter.kind) conditions.add(`kind = ${conditions.value(filter.kind)}`);
  const where = conditions.sql;
  const now = conditions.value(new Date(nowMs));
  const soon = conditions.value(new Date(nowMs + EXPIRING_SOON_MS));
  const dated = `from api_key k where revoked_at is null and expires_at is not null and ${where}`;
  return {
    sql: `with tally as (
        select coalesce(sum(n) filter (where not revoked), 0)::bigint as live,
          coalesce(sum(n) filter (where enabled and not revoked), 0)::bigint as enabled,
          coalesce(sum(n) filter (where revoked), 0)::bigint as revoked
        from api_key_tally where ${where}),
      suspended as (
        select coalesce(sum(n), 0)::bigint as suspended from api_key_account_tally
        where ${where} and service_account_id in (${SUSPENDED_ACCOUNTS})),
      past as (
        select count(*) as expired, count(*) filter (where ${ACTIVE_KEY}) as "expiredWorking"
        ${dated} and expires_at <= ${now}),
      near as (
        select count(*) filter (where ${ACTIVE_KEY}) as "expiringSoon"
        ${dated} and expires_at > ${now} and expires_at <= ${soon})
      select live, enabled - suspended as working, revoked, past.*, near.* from tally, suspended, past, near`,
    parameters: conditions.parameters,
  };
}

/** Converts a tally to counts. */
export const toCounts = (tally: Tally): KeyCounts => ({
  total: tally.live,
  active: tally.working - tally.expiredWorking,
  expiringSoon: tally.expiringSoon,
  expired: tally.expired,
  inactive: tally.live - tally.working - (tally.expired - tally.expiredWorking),
  revoked: tally.revoked,
});

/** Number of keys with one of the statuses; if absent, everything but REVOKED. */
export function countOf(counts: KeyCounts, statuses: readonly KeyStatus[] | null | undefined): number {
  if (!statuses) return counts.total;
  const each: Record<KeyStatus, number> = {
    ACTIVE: counts.active - counts.expiringSoon,
    EXPIRING_SOON: counts.expiringSoon,
    INACTIVE: counts.inactive,
    EXPIRED: counts.expired,
    REVOKED: counts.revoked,
  };
  return [...new Set(statuses)].reduce((sum, status) => sum + each[status], 0);
}

/** The tables to count from; running totals are joined only if a condition needs them. */
export const countedFrom = (conditions: Conditions): string =>
  conditions.sql.includes('u.') ? 'api_key k join api_key_usage u on u.api_key_id = k.id' : 'api_key k';

/** The columns of {@link KeyCounts}, counted from the keys themselves. */
export function countsSql(conditions: Conditions, nowMs: number): string {
  const now = `${conditions.value(new Date(nowMs))}::timestamptz`;
  const soon = `${conditions.value(new Date(nowMs + EXPIRING_SOON_MS))}::timestamptz`;
  const having = (status: KeyStatus): string => statusSql(status, now, soon);
  return `count(*) filter (where k.revoked_at is null) as total,
    count(*) filter (where ${having('ACTIVE')} or ${having('EXPIRING_SOON')}) as active,
    count(*) filter (where ${having('EXPIRING_SOON')}) as "expiringSoon",
    count(*) filter (where ${having('EXPIRED')}) as expired,
    count(*) filter (where ${having('INACTIVE')}) as inactive,
    count(*) filter (where ${having('REVOKED')}) as revoked`;
}

/** Merges the rows of the tallies; can run concurrently with changes and with itself. */
export const FOLD_TALLIES = [
  `with folded as (delete from api_key_tally returning *)
   insert into api_key_tally
   select environment, kind, enabled, revoked, sum(n) from folded group by 1, 2, 3, 4 having sum(n) <> 0`,
  `with folded as (delete from api_key_account_tally returning *)
   insert into api_key_account_tally
   select service_account_id, environment, kind, sum(n) from folded group by 1, 2, 3 having sum(n) <> 0`,
];
