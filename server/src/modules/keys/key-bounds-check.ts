import { AppError } from '../../core/errors.js';
import type { Transaction } from '../../core/transaction.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { StoredGrant } from '../access/decide/directory.js';
import { isPartOfGrants } from '../access/decide/grant.js';
import type { HolderBounds, KeyHolder } from '../access/decide/holder-bounds.js';
import type { KeyGrants } from '../access/decide/key-access.js';
import { managesKeywright } from '../access/decide/permission.js';
import type { Principal } from '../access/decide/principal.js';
import type { KeyBoundsStore } from './key-bounds-store.postgres.js';
import { isWithinBounds, UNBOUND, type KeyBounds } from './key-bounds.js';
import type { KeyStore } from './key-store.js';
import type { ApiKey } from './key.js';

/**
 * Whether everything outside {@link KeyBounds} only got narrower. A grant of a different form can grow differently
 * later, so it counts as wider.
 */
function isNarrowed(after: ApiKey, before: ApiKey): boolean {
  const followsAccount = before.serviceAccountId !== null && !before.narrowed;
  return (
    (after.narrowed || !before.narrowed) &&
    (followsAccount || after.grants.every((grant) => isPartOfGrants(grant, before.grants))) &&
    after.signatureProfiles.every((profile) => before.signatureProfiles.includes(profile)) &&
    JSON.stringify(after.metadata) === JSON.stringify(before.metadata)
  );
}

const loosensItself = (): AppError =>
  new AppError('FORBIDDEN', 'A key cannot loosen its own settings. Ask someone who can sign in.');

const looserThanCaller = (): AppError =>
  new AppError(
    'FORBIDDEN',
    'A key with Keywright permissions must be restricted at least as much as the key that issues or changes it: by expiry, IP ranges, rate limits and quotas.',
  );

const freerThanCaller = (): AppError =>
  new AppError(
    'FORBIDDEN',
    'A key that is restricted by expiry, IP ranges, rate limits or quotas cannot give Keywright permissions to people. Ask someone who can sign in.',
  );

/** Keeps keys that manage other keys within their own bounds. Signed-in users are not restricted by this. */
export class KeyBoundsCheck implements HolderBounds {
  constructor(
    private readonly keys: Pick<KeyStore, 'find'>,
    private readonly store: KeyBoundsStore,
  ) {}

  /**
   * A calling key can only issue or take over keys with the same or tighter bounds, unless they hold no Keywright
   * permission. Error: FORBIDDEN.
   */
  async requireBound(tx: Transaction, by: Principal, key: KeyBounds & KeyGrants): Promise<void> {
    const caller = await this.callerBounds(tx, by);
    if (!caller || isWithinBounds(key, caller)) return;
    if (await this.store.managesKeywright(tx, key)) throw looserThanCaller();
  }

  /**
   * Checks a change of settings: a key can only narrow itself; widening another key is checked by {@link
   * requireBound}. Error: FORBIDDEN.
   */
  async requireChangeBound(tx: Transaction, by: Principal, before: ApiKey, after: ApiKey): Promise<void> {
    if (by.actor.kind !== 'API_KEY') return;
    const gains =
      before.access.missing(after.access).length > 0 ||
      (after.enabled && !before.enabled) ||
      !isWithinBounds(after, before);
    if (by.actor.id !== before.id) {
      const regranted =
        after.narrowed !== before.narrowed ||
        !after.grants.every((grant) => isPartOfGrants(grant, before.grants));
      if (gains || regranted) await this.requireBound(tx, by, after);
    } else if (gains || !isNarrowed(after, before)) throw loosensItself();
  }

  /** A key that calls with its replaced secret cannot regenerate itself. Error: FORBIDDEN. */
  async requireMayRegenerate(tx: Transaction, by: Principal, key: ApiKey): Promise<void> {
    if (by.actor.kind !== 'API_KEY') return;
    if (by.actor.id !== key.id) return this.requireBound(tx, by, key);
    if (by.usedPreviousSecret) {
      throw new AppError('FORBIDDEN', 'This secret was replaced. Use the new secret to regenerate the key.');
    }
  }

  async requireGainBound(
    tx: Transaction,
    by: Principal,
    holder: KeyHolder,
    gained: AccessSet,
  ): Promise<void> {
    if (by.actor.kind !== 'API_KEY' || gained.entries().length === 0) return;
    const key = await this.keys.find(by.actor.id ?? '', tx);
    if ('serviceAccountId' in holder && key?.serviceAccountId === holder.serviceAccountId) {
      throw loosensItself();
    }
    if (!gained.anywhere.list().some(managesKeywright)) return;
    const caller = await this.callerBounds(tx, by);
    if (!caller) return;
    const keys = await this.store.boundsOfHolders(tx, holder);
    if (!keys.every((key) => isWithinBounds(key, caller))) throw looserThanCaller();
    if ('roleId' in holder && (await this.store.isHeldByPeople(tx, holder.roleId))) throw freerThanCaller();
  }

  async requirePersonBound(tx: Transaction, by: Principal, grants: readonly StoredGrant[]): Promise<void> {
    if (grants.length === 0 || !(await this.callerBounds(tx, by))) return;
    if (await this.store.grantsManage(tx, grants)) throw freerThanCaller();
  }

  /**
   * The bounds of the calling key; undefined for users and for a key without bounds. A replaced secret ends with its
   * overlap.
   */
  private async callerBounds(tx: Transaction, by: Principal): Promise<KeyBounds | undefined> {
    if (by.actor.kind !== 'API_KEY') return undefined;
    const key = await this.keys.find(by.actor.id ?? '', tx);
    if (!key) return undefined;
    const { expiresAt, overlapEndsAt } = key;
    const endsAt = by.usedPreviousSecret && overlapEndsAt ? overlapEndsAt : null;
    const bounds = endsAt && !(expiresAt && expiresAt < endsAt) ? { ...key, expiresAt: endsAt } : key;
    if (isWithinBounds(UNBOUND, bounds)) return undefined;
    // Callers with bounds take turns to check what keys hold and which keys hold it, so that concurrent
    // changes cannot add up to more.
    await this.store.awaitTurn(tx);
    return bounds;
  }
}
