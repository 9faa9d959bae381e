import type { Reach } from '../access/access-set.js';
import type { KeyKind, KeyStatus } from './key.js';
import type { Environment } from './token.js';

/** A span of time; `from` inclusive, `to` exclusive. */
export interface TimeRange {
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
}

/** Which keys to list; all members must match. */
export interface KeyFilter {
  /** Name, description, Key ID, tail of the token, or a whole token (matched by digest). */
  readonly search?: string | null | undefined;
  /** Absent: everything but REVOKED. An empty list matches nothing. */
  readonly status?: readonly KeyStatus[] | null | undefined;
  readonly environment?: readonly Environment[] | null | undefined;
  readonly kind?: KeyKind | null | undefined;
  readonly serviceAccountId?: string | null | undefined;
  /** Keys whose grants reach into this part of the tree. */
  readonly scopeId?: string | null | undefined;
  /** Keys that lie in this part of the tree. */
  readonly withinScopeId?: string | null | undefined;
  readonly permission?: string | null | undefined;
  /** Where grants count for `permission`, beside the root: where the caller sees them; absent: everywhere. */
  readonly grantsWithin?: Reach | undefined;
  /** Keys that this user or key created. */
  readonly createdById?: string | null | undefined;
  /** Keys that were disabled with this user when they were last disabled, and that nobody switched since. */
  readonly disabledWithUserId?: string | null | undefined;
  /** Whether the key itself is switched on. */
  readonly enabled?: boolean | undefined;
  readonly unusedForDays?: number | null | undefined;
  readonly created?: TimeRange | null | undefined;
  readonly expires?: TimeRange | null | undefined;
  readonly lastUsed?: TimeRange | null | undefined;
}

/** What a list of keys can be sorted by. */
export type KeySortField = 'NAME' | 'CREATED' | 'MODIFIED' | 'EXPIRES' | 'CREATED_BY' | 'LAST_USED' | 'USAGE';

/** Order of a list of keys; ties are broken by id. */
export interface KeySort {
  readonly field: KeySortField;
  readonly direction: 'ASC' | 'DESC';
}

/** How many keys are in which state. `total` is everything not revoked; `active` includes those expiring soon. */
export interface KeyCounts {
  readonly total: number;
  readonly active: number;
  readonly expiringSoon: number;
  readonly expired: number;
  readonly inactive: number;
  readonly revoked: number;
}
