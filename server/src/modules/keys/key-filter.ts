import type { Reach } from '../access/decide/access-set.js';
import type { KeyStatus } from '@keywright/schema/lifecycle';
import type { KeyKind } from './key.js';
import type { Environment } from '@keywright/schema/environment';

/** A time range; `from` inclusive, `to` exclusive. */
export interface TimeRange {
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
}

/** Which keys to list; all fields must match. */
export interface KeyFilter {
  /** Name, description, Key ID, end of the token, or a whole token (matched by digest). */
  readonly search?: string | null | undefined;
  /** If absent, everything but REVOKED. An empty list matches nothing. */
  readonly status?: readonly KeyStatus[] | null | undefined;
  readonly environment?: readonly Environment[] | null | undefined;
  readonly kind?: KeyKind | null | undefined;
  readonly serviceAccountId?: string | null | undefined;
  /** Keys whose grants reach into this subtree. */
  readonly scopeId?: string | null | undefined;
  /** Keys in this scope or below. */
  readonly withinScopeId?: string | null | undefined;
  readonly permission?: string | null | undefined;
  /** Where grants count for `permission`, besides the root: the scopes that the caller can see; if absent, everywhere. */
  readonly grantsWithin?: Reach | undefined;
  /** Keys that this user or key created. */
  readonly createdById?: string | null | undefined;
  /**
   * Keys that were disabled together with this user when the user was last disabled, and have not been enabled or
   * disabled since.
   */
  readonly disabledWithUserId?: string | null | undefined;
  /** Whether the key itself is enabled. */
  readonly enabled?: boolean | undefined;
  readonly unusedForDays?: number | null | undefined;
  readonly created?: TimeRange | null | undefined;
  readonly expires?: TimeRange | null | undefined;
  readonly lastUsed?: TimeRange | null | undefined;
}

/** Sort fields for lists of keys. */
export type KeySortField = 'NAME' | 'CREATED' | 'MODIFIED' | 'EXPIRES' | 'CREATED_BY' | 'LAST_USED' | 'USAGE';

/** Sort order for a list of keys; ties are broken by id. */
export interface KeySort {
  readonly field: KeySortField;
  readonly direction: 'ASC' | 'DESC';
}

/** Number of keys by status. `total` is everything not revoked; `active` includes those expiring soon. */
export interface KeyCounts {
  readonly total: number;
  readonly active: number;
  readonly expiringSoon: number;
  readonly expired: number;
  readonly inactive: number;
  readonly revoked: number;
}
