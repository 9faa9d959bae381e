import type { Transaction } from '../../core/transaction.js';
import type { Directory } from '../access/decide/directory.js';
import { grantsForAudit, sameGrants } from '../access/decide/grant.js';
import { keyAccess } from '../access/decide/key-access.js';
import { requireHeld, type Principal } from '../access/decide/principal.js';
import type { Changed } from '../events/field-changes.js';
import { describeChanges, type KeyUpdate } from './key-events.js';
import type { KeyBoundsCheck } from './key-bounds-check.js';
import type { KeyChanges, KeyStore, NewKey } from './key-store.js';
import type { ApiKey } from './key.js';
import { renames, widens } from './widening.js';

export interface KeyWriterDeps {
  readonly store: KeyStore;
  readonly directory: Directory;
  readonly bounds: KeyBoundsCheck;
}

/** Writes changes of locked keys, as far as the caller is allowed to make them, and reports what changed. */
export class KeyWriter {
  constructor(private readonly deps: KeyWriterDeps) {}

  /** Disabling a key by hand that was disabled with a user means that it should stay disabled. */
  async keepDisabled(tx: Transaction, key: ApiKey): Promise<Changed<KeyUpdate>> {
    if (key.enabled || key.disabledWithUserId === null) return {};
    await this.deps.store.keepDisabled(tx, key.id);
    return { disabledWithUser: { before: key.disabledWithUserId, after: null } };
  }

  /** Writes what differs, if the caller is allowed to. Errors: GRANT_NOT_HELD, FORBIDDEN. */
  async apply(
    tx: Transaction,
    by: Principal,
    key: ApiKey,
    changes: KeyChanges,
    grants?: Pick<NewKey, 'grants' | 'narrowed'>,
  ): Promise<Changed<KeyUpdate>> {
    const described = describeChanges(key, changes);
    const differing = pick(changes, Object.keys(described));
    if (widens(key, differing) || renames(differing)) requireHeld(by, key.access);
    await this.requireBound(tx, by, key, { ...differing, ...grants });
    if (grants) Object.assign(described, await this.changeGrants(tx, key, grants));
    if (Object.keys(described).length > 0) await this.deps.store.update(tx, key.id, differing);
    if (changes.enabled === false) Object.assign(described, await this.keepDisabled(tx, key));
    return described;
  }

  /** Errors: FORBIDDEN if the caller is a key, and the change leaves another key less restricted than the caller. */
  requireBound(
    tx: Transaction,
    by: Principal,
    key: ApiKey,
    changes: KeyChanges & Partial<Pick<ApiKey, 'grants'>>,
  ): Promise<void> {
    const after = { ...key, ...changes };
    const access = keyAccess(this.deps.directory, after);
    return this.deps.bounds.requireChangeBound(tx, by, key, { ...after, access });
  }

  private async changeGrants(
    tx: Transaction,
    key: ApiKey,
    { grants, narrowed }: Pick<NewKey, 'grants' | 'narrowed'>,
  ): Promise<Changed<KeyUpdate>> {
    const { store, directory } = this.deps;
    const renarrowed = narrowed !== key.narrowed;
    const regranted = !sameGrants(key.grants, grants);
    if (renarrowed) await store.update(tx, key.id, { narrowed });
    if (regranted) await store.replaceGrants(tx, key.id, grants);
    const [before, after] = [grantsForAudit(directory, key.grants), grantsForAudit(directory, grants)];
    return {
      ...(renarrowed ? { narrowed: { before: key.narrowed, after: narrowed } } : {}),
      ...(regranted ? { grants: { before, after } } : {}),
    };
  }
}

const pick = (changes: KeyChanges, members: readonly string[]): KeyChanges =>
  Object.fromEntries(Object.entries(changes).filter(([member]) => members.includes(member)));
