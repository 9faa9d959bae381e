import type { Transaction } from '../../core/transaction.js';
import type { Page, PageArgs } from '../../core/page.js';
import type { Actor } from '../access/decide/actor.js';
import type { Reach } from '../access/decide/access-set.js';
import type { StoredGrant } from '../access/decide/directory.js';
import type { ApiKey } from './key.js';
import type { KeyCounts, KeyFilter, KeySort } from './key-filter.js';
import type { NewSecret } from './key-secret.js';

/** The members of a new key, apart from its credential. */
export type NewKey = Pick<
  ApiKey,
  | 'name'
  | 'description'
  | 'kind'
  | 'signatureProfiles'
  | 'environment'
  | 'enabled'
  | 'locked'
  | 'rateLimits'
  | 'quotas'
  | 'allowedCidrs'
  | 'metadata'
  | 'expiresAt'
  | 'scopeId'
  | 'serviceAccountId'
  | 'narrowed'
  | 'grants'
>;

/** Settings of a key that can change. */
export type KeyChanges = Partial<
  Omit<NewKey, 'kind' | 'environment' | 'scopeId' | 'serviceAccountId' | 'grants'>
>;

/** Stores keys. Writes run in the transaction of the change. */
export interface KeyStore {
  /** Reads a key; in the transaction of a change if one is given. */
  find(id: string, tx?: Transaction): Promise<ApiKey | null>;
  findMany(ids: readonly string[]): Promise<ApiKey[]>;
  /** A page of the keys that match and are within reach. */
  list(filter: KeyFilter, sort: KeySort, page: PageArgs, reach: Reach): Promise<Page<ApiKey>>;
  count(filter: KeyFilter, reach: Reach): Promise<number>;
  counts(filter: KeyFilter, reach: Reach): Promise<KeyCounts>;

  /** Reads a key and locks its row until the transaction ends. */
  lock(tx: Transaction, id: string): Promise<ApiKey | null>;
  /** Error: NAME_TAKEN. */
  insert(tx: Transaction, id: string, key: NewKey, secret: NewSecret, by: Actor): Promise<void>;
  /** Error: NAME_TAKEN. */
  update(tx: Transaction, id: string, changes: KeyChanges): Promise<void>;
  /**
   * Disables a key together with the disabled user who created it, or enables it again with the user. Error: CONFLICT
   * if the user or the key was enabled or disabled since.
   */
  switchWithUser(tx: Transaction, id: string, userId: string, enabled: boolean): Promise<void>;
  /** Keeps a key that was disabled with a user disabled when the user is enabled again. */
  keepDisabled(tx: Transaction, id: string): Promise<void>;
  replaceGrants(tx: Transaction, id: string, grants: readonly StoredGrant[]): Promise<void>;
  /**
   * Replaces the secret with a new one of the same kind; the old one works until `overlapEndsAt`, or stops
   * immediately without it.
   */
  replaceSecret(
    tx: Transaction,
    key: Pick<ApiKey, 'id' | 'secretVersion'>,
    secret: NewSecret,
    overlapEndsAt: Date | null,
  ): Promise<void>;
  endOverlap(tx: Transaction, id: string): Promise<void>;
  /** Erases the credential and leaves a tombstone. */
  revoke(tx: Transaction, id: string, by: Actor, reason: string | null): Promise<void>;
  /**
   * Records an idempotent call; returns the id of the key that an earlier identical call created, or undefined for
   * the first call.
   */
  rememberCall(
    tx: Transaction,
    actor: Actor,
    operation: string,
    idempotencyKey: string,
    apiKeyId: string,
  ): Promise<string | undefined>;
  /** Erases secrets whose overlap has ended, deletes idempotent calls from before this moment, and merges the tallies. */
  tidy(callsBefore: Date): Promise<void>;
}
