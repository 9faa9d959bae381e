import type { EntityManager } from 'typeorm';
import type { Directory } from '../access/decide/directory.js';
import { grantsForAudit, sameGrants } from '../access/decide/grant.js';
import { keyAccess } from '../access/decide/key-access.js';
import { requireHeld, type Principal } from '../access/decide/principal.js';
import { describeChanges, type Described } from './key-audit.js';
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
  async keepDisabled(manager: EntityManager, key: ApiKey): Promise<Described> {
    if (key.enabled || key.disabledWithUserId === null) return {};
    await this.deps.store.keepDisabled(manager, key.id);
    return { disabledWithUser: { before: key.disabledWithUserId, after: null } };
  }

  /** Writes what differs, if the caller is allowed to. Errors: GRANT_NOT_HELD, FORBIDDEN. */
  async apply(
    manager: EntityManager,
    by: Principal,
    key: ApiKey,
    changes: KeyChanges,
    grants?: Pick<NewKey, 'grants' | 'narrowed'>,
  ): Promise<Described> {
    const described = describeChanges(key, changes);
    const differing = pick(changes, Object.keys(described));
    if (widens(key, differing) || renames(differing)) requireHeld(by, key.access);
    await this.requireBound(manager, by, key, { ...differing, ...grants });
    if (grants) Object.assign(described, await this.changeGrants(manager, key, grants));
    if (Object.keys(described).length > 0) await this.deps.store.update(manager, key.id, differing);
    if (changes.enabled === false) Object.assign(described, await this.keepDisabled(manager, key));
    return described;
  }

  /** Errors: FORBIDDEN if the caller is a key, and the change leaves another key less restricted than the caller. */
  requireBound(
    manager: EntityManager,
    by: Principal,
    key: ApiKey,
    changes: KeyChanges & Partial<Pick<ApiKey, 'grants'>>,
  ): Promise<void> {
    const after = { ...key, ...changes };
    const access = keyAccess(this.deps.directory, after);
    return this.deps.bounds.requireChangeBound(manager, by, key, { ...after, access });
  }

  private async changeGrants(
    manager: EntityManager,
    key: ApiKey,
    { grants, narrowed }: Pick<NewKey, 'grants' | 'narrowed'>,
  ): Promise<Described> {
    const { store, directory } = this.deps;
    const described: Described = {};
    if (narrowed !== key.narrowed) {
      await store.update(manager, key.id, { narrowed });
      described['narrowed'] = { before: key.narrowed, after: narrowed };
    }
    if (!sameGrants(key.grants, grants)) {
      await store.replaceGrants(manager, key.id, grants);
      const [before, after] = [grantsForAudit(directory, key.grants), grantsForAudit(directory, grants)];
      described['grants'] = { before, after };
    }
    return described;
  }
}

const pick = (changes: KeyChanges, members: readonly string[]): KeyChanges =>
  Object.fromEntries(Object.entries(changes).filter(([member]) => members.includes(member)));
