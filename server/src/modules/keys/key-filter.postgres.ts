import { MAX_SEARCH } from '@keywright/schema/bounds';
import { DAY_MS } from '../../core/clock.js';
import { badInput } from '../../core/errors.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import { escapeLike, foldedPattern, isStorableText, NAME_COLLATION } from '../../core/text.js';
import type { Reach } from '../access/decide/access-set.js';
import { withinReachSql } from '../access/decide/reach.postgres.js';
import { isPermissionPattern } from '../access/decide/permission.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import { EXPIRING_SOON_MS, type KeyStatus } from '@keywright/schema/lifecycle';
import type { KeyFilter, KeySortField, TimeRange } from './key-filter.js';
import type { PastedToken } from './pasted-token.js';
import { fingerprintOf } from './token.js';

/** Collects conditions and their parameters. */
export class Conditions {
  readonly parameters: unknown[] = [];
  private readonly parts: string[] = [];

  /** Registers a value; returns its placeholder. */
  value(value: unknown): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  /** Adds a condition that must hold. */
  add(sql: string): void {
    this.parts.push(sql);
  }

  /** All conditions combined. */
  get sql(): string {
    return this.parts.length === 0 ? 'true' : this.parts.join(' and ');
  }
}

/** How a search text is interpreted. */
export interface TokenMatcher {
  readonly brand: string;
  /** The token in it; null if there is none. */
  readonly pasted: PastedToken | null;
}

/** SQL of each sort order and the type of its cursor value; the indexes of the migration use the same expressions. */
export const SORT_COLUMNS: Readonly<
  Record<KeySortField, { sql: string; type: 'text' | 'timestamptz' | 'bigint'; id: string }>
> = {
  NAME: { sql: `(k.name_folded collate ${NAME_COLLATION})`, type: 'text', id: 'k.id' },
  CREATED: { sql: 'k.created_at', type: 'timestamptz', id: 'k.id' },
  MODIFIED: { sql: 'k.updated_at', type: 'timestamptz', id: 'k.id' },
  EXPIRES: { sql: `coalesce(k.expires_at, 'infinity')`, type: 'timestamptz', id: 'k.id' },
  CREATED_BY: { sql: `(k.created_by_name collate ${NAME_COLLATION})`, type: 'text', id: 'k.id' },
  LAST_USED: { sql: `coalesce(u.order_last_used_at, '-infinity')`, type: 'timestamptz', id: 'u.api_key_id' },
  USAGE: { sql: 'u.order_total', type: 'bigint', id: 'u.api_key_id' },
};

/**
 * Ids of service accounts whose keys do not work: the account is disabled, or the API of its customer or organization
 * is off.
 */
export const SUSPENDED_ACCOUNTS = `select a.id from service_account a join scope s on s.id = a.scope_id
  left join scope customer on customer.id = s.path[2] left join scope organization on organization.id = s.path[3]
  where not (a.enabled and coalesce(customer.api_enabled, true) and coalesce(organization.api_enabled, true))`;

/** SQL that is true for keys that are enabled, along with their service account and API. */
export const ACTIVE_KEY = `(k.enabled and (k.service_account_id is null or k.service_account_id not in (${SUSPENDED_ACCOUNTS})))`;

/** SQL that is true for keys of a status, given placeholders for now and for now + 30 days. */
export const statusSql = (status: KeyStatus, now: string, soon: string): string =>
  ({
    REVOKED: `k.revoked_at is not null`,
    EXPIRED: `(k.revoked_at is null and k.expires_at <= ${now})`,
    INACTIVE: `(k.revoked_at is null and not ${ACTIVE_KEY} and (k.expires_at is null or k.expires_at > ${now}))`,
    EXPIRING_SOON: `(k.revoked_at is null and ${ACTIVE_KEY} and k.expires_at > ${now} and k.expires_at <= ${soon})`,
    ACTIVE: `(k.revoked_at is null and ${ACTIVE_KEY} and (k.expires_at is null or k.expires_at > ${soon}))`,
  })[status];

function addRange(conditions: Conditions, column: string, range: TimeRange | null | undefined): void {
  if (range?.from) conditions.add(`${column} >= ${conditions.value(range.from)}`);
  if (range?.to) conditions.add(`${column} < ${conditions.value(range.to)}`);
}

function addTokenSearch(conditions: Conditions, { publicPart, digests }: PastedToken): void {
  if (publicPart === null) return conditions.add('false');
  const part = conditions.value(publicPart);
  const wholes = conditions.value(digests);
  const halves = conditions.value(digests.map(fingerprintOf));
  conditions.add(
    `((k.public_part = ${part} and (k.secret_digest = any(${wholes}::bytea[]) or k.revoked_fingerprint = any(${halves}::bytea[])))
      or (k.previous_public_part = ${part} and k.previous_digest = any(${wholes}::bytea[])))`,
  );
}

/** A pasted token, complete or broken, is only matched by digest: its text never reaches a query. */
function addSearch(conditions: Conditions, search: string, matcher: TokenMatcher): void {
  const text = search.trim();
  if (text === '') return;
  if (text.length > MAX_SEARCH || !isStorableText(text)) {
    throw badInput([
      { path: 'filter.search', message: `A search can have at most ${MAX_SEARCH} characters of plain text.` },
    ]);
  }
  if (matcher.pasted) return addTokenSearch(conditions, matcher.pasted);
  const keyLike = new RegExp(`^${matcher.brand}_(?:live|stag|dev)_(.*)$`).exec(text);
  const alternatives: string[] = [];
  if (keyLike) {
    const tail = /…([0-9A-Za-z]{1,4})$/.exec(text)?.[1];
    const head = /^[0-9A-Za-z]{1,12}/.exec(keyLike[1]!)?.[0];
    if (tail) alternatives.push(`k.tail = ${conditions.value(tail)}`);
    else if (head) alternatives.push(`k.public_part like ${conditions.value(`${head}%`)}`);
  }
  const pattern = conditions.value(foldedPattern(text));
  alternatives.push(`folded(k.name || ' ' || coalesce(k.description, '')) like folded(${pattern})`);
  if (/^[0-9A-Za-z]{4}$/.test(text)) alternatives.push(`k.tail = ${conditions.value(text)}`);
  if (/^key_[0-9a-z]{0,26}$/.test(text)) {
    alternatives.push(`k.id like ${conditions.value(`${escapeLike(text)}%`)}`);
  }
  conditions.add(`(${alternatives.join(' or ')})`);
}

function addPermission(conditions: Conditions, permission: string, within: Reach): void {
  if (!isPermissionPattern(permission)) {
    throw badInput([{ path: 'filter.permission', message: 'This is not a permission name.' }]);
  }
  const wildcards = permission.split('.').map((_, i, parts) => `${parts.slice(0, i).join('.')}.*`);
  const names = conditions.value(['*', permission, ...wildcards.slice(1)]);
  const held = `(g.permissions && ${names}::text[] or g.role_id = any(array(select id from role where permissions && ${names}::text[])))`;
  const seen = withinReachSql('g.scope_id', within, (given) => conditions.value(given));
  addHeld(conditions, `${held} and (g.scope_id = '${ROOT_SCOPE.id}' or ${seen})`);
}

/**
 * Keys with a grant `g` that meets the condition: an own grant, or an inherited one and, if own grants narrow it, an
 * own one too.
 */
function addHeld(conditions: Conditions, sql: string): void {
  const own = `exists (select 1 from api_key_grant g where g.api_key_id = k.id and ${sql})`;
  const inherited = `k.service_account_id in (select g.service_account_id from service_account_grant g where ${sql})`;
  conditions.add(
    `case when k.service_account_id is null then ${own} else ${inherited} and (not k.narrowed or ${own}) end`,
  );
}

/** Keys whose grants reach into a subtree: from above it, or within it. */
function addScope(conditions: Conditions, scopeId: string): void {
  const id = conditions.value(scopeId);
  addHeld(
    conditions,
    `g.scope_id in (select id from scope where path @> array[${id}] union select unnest(path) from scope where id = ${id})`,
  );
}

/** Turns a filter into conditions on `api_key k` joined with `api_key_usage u`, optionally without the status. */
export function filterSql(
  filter: KeyFilter,
  nowMs: number,
  matcher: TokenMatcher,
  reach: Reach,
  withStatus = true,
): Conditions {
  const conditions = new Conditions();
  if (withStatus && filter.status) {
    const now = conditions.value(new Date(nowMs));
    const soon = conditions.value(new Date(nowMs + EXPIRING_SOON_MS));
    // Naming both placeholders keeps the query valid for statuses that need neither.
    const statuses = filter.status.map((status) => statusSql(status, now, soon));
    conditions.add(`(${[...statuses, 'false'].join(' or ')}) and ${now}::timestamptz < ${soon}::timestamptz`);
  } else if (withStatus) conditions.add('k.revoked_at is null');
  if (filter.environment)
    conditions.add(`k.environment = any(${conditions.value(filter.environment)}::text[])`);
  if (filter.kind) conditions.add(`k.kind = ${conditions.value(filter.kind)}`);
  conditions.add(withinReachSql('k.scope_id', reach, (given) => conditions.value(given)));
  if (filter.serviceAccountId != null) {
    const id = isId(ID_PREFIXES.serviceAccount, filter.serviceAccountId) ? filter.serviceAccountId : '';
    conditions.add(`k.service_account_id = ${conditions.value(id)}`);
  }
  if (filter.createdById != null) {
    const id = isStorableText(filter.createdById) ? filter.createdById : '';
    conditions.add(`k.created_by_id = ${conditions.value(id)}`);
  }
  if (filter.disabledWithUserId != null) {
    const id = isId(ID_PREFIXES.user, filter.disabledWithUserId) ? filter.disabledWithUserId : '';
    conditions.add(
      `not k.enabled and (k.disabled_with_user, k.disabling) = (select id, disablings from app_user where id = ${conditions.value(id)})`,
    );
  }
  if (filter.enabled !== undefined) conditions.add(`k.enabled = ${conditions.value(filter.enabled)}`);
  if (filter.scopeId != null) addScope(conditions, filter.scopeId);
  if (filter.withinScopeId != null) {
    conditions.add(withinReachSql('k.scope_id', [filter.withinScopeId], (given) => conditions.value(given)));
  }
  if (filter.permission) addPermission(conditions, filter.permission, filter.grantsWithin ?? 'EVERYTHING');
  if (filter.unusedForDays != null) {
    const days = filter.unusedForDays;
    if (days < 1 || days > 3650) {
      throw badInput([{ path: 'filter.unusedForDays', message: 'The number of days must be 1 to 3,650.' }]);
    }
    const since = conditions.value(new Date(nowMs - days * DAY_MS));
    conditions.add(`coalesce(u.last_used_at, k.created_at) < ${since}`);
  }
  addRange(conditions, 'k.created_at', filter.created);
  addRange(conditions, 'k.expires_at', filter.expires);
  addRange(conditions, 'u.last_used_at', filter.lastUsed);
  if (filter.search) addSearch(conditions, filter.search, matcher);
  return conditions;
}
