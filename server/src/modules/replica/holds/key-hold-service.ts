import type { Transaction } from '../../../core/transaction.js';
import { notFound } from '../../../core/errors.js';
import { ID_PREFIXES, isId } from '../../../core/id.js';
import type { Propagation } from '../../../core/propagation.js';
import type { Directory, StoredGrant } from '../../access/decide/directory.js';
import { requireHeld, type Principal } from '../../access/decide/principal.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent } from '../../events/domain-event.js';
import { keySubject } from '../../keys/key-events.js';
import { mintSecret } from '../../keys/key-secret.js';
import type { KeyChanges, KeyStore } from '../../keys/key-store.js';
import type { ApiKey } from '../../keys/key.js';
import type { KeyHold, KeyHoldStore } from './key-hold-store.postgres.js';
import { intersectRanges } from './intersect-ranges.js';
import { bothLimits, type Restriction } from './restriction.js';

const REASON = 'Revoked before the database was restored.';

/** A settled hold and how far the change has propagated. */
export interface SettledHold {
  readonly hold: KeyHold;
  readonly propagation: Propagation;
}

export interface KeyHoldServiceDeps {
  readonly holds: KeyHoldStore;
  readonly keys: KeyStore;
  readonly directory: Directory;
  readonly changes: Changes;
  readonly brand: string;
}

/** Settles changes to keys that a restored database lost: repeats the change or accepts the state of the database. */
export class KeyHoldService {
  constructor(private readonly deps: KeyHoldServiceDeps) {}

  /** Unsettled holds. */
  list(): Promise<KeyHold[]> {
    return this.deps.holds.list();
  }

  /** Repeats the lost change. Error: NOT_FOUND. */
  apply(by: Principal, id: string): Promise<SettledHold> {
    return this.settle(by, id, 'api_key.hold_applied', async (tx, hold, key) => {
      await this.deps.holds.settle(tx, id, 'APPLIED');
      if (!key.revokedAt) await this.close(tx, by, key, hold.restriction);
    });
  }

  /** Accepts the state of the database for the key. Errors: NOT_FOUND, GRANT_NOT_HELD. */
  release(by: Principal, id: string): Promise<SettledHold> {
    return this.settle(by, id, 'api_key.hold_released', async (tx, _hold, key) => {
      requireHeld(by, key.access);
      await this.deps.holds.settle(tx, id, 'RELEASED');
    });
  }

  private async settle(
    by: Principal,
    id: string,
    type: 'api_key.hold_applied' | 'api_key.hold_released',
    work: (tx: Transaction, hold: KeyHold, key: ApiKey) => Promise<void>,
  ): Promise<SettledHold> {
    if (!isId(ID_PREFIXES.keyHold, id)) throw notFound();
    const { value: hold, propagation } = await this.deps.changes.run(by, async (tx) => {
      const hold = await this.deps.holds.lock(tx, id);
      const key = hold && (await this.deps.keys.lock(tx, hold.apiKeyId));
      if (!hold || !key) throw notFound();
      await work(tx, hold, key);
      const changes = { hold: { before: hold.reasons, after: null } };
      return { value: hold, events: [domainEvent(type, keySubject(key), changes)] };
    });
    return { hold, propagation };
  }

  private async close(tx: Transaction, by: Principal, key: ApiKey, to: Restriction): Promise<void> {
    const { holds, keys, brand } = this.deps;
    if ('revoked' in to) return keys.revoke(tx, key.id, by.actor, REASON);
    const limits = bothLimits({ windows: key.rateLimits, quotas: key.quotas }, to.limits);
    const expiresAt = to.expiresAtMs === null ? null : new Date(to.expiresAtMs);
    const later = expiresAt !== null && (key.expiresAt === null || key.expiresAt > expiresAt);
    const ranges = intersectRanges(key.allowedCidrs, to.allowedCidrs);
    const changes: KeyChanges = {
      enabled: key.enabled && to.enabled && ranges !== undefined,
      expiresAt: later ? expiresAt : key.expiresAt,
      allowedCidrs: ranges ?? to.allowedCidrs,
      rateLimits: limits.windows,
      quotas: limits.quotas,
      signatureProfiles: key.signatureProfiles.filter((profile) => to.signatureProfiles.includes(profile)),
    };
    await keys.update(tx, key.id, changes);
    if (to.grants !== null) await this.narrowGrants(tx, key, to.grants);
    const untilMs = new Map(to.replaced).get(await holds.currentSecret(tx, key.id));
    if (untilMs !== undefined) {
      // The replacing secret was lost with the database, so nobody has a working secret until the key is
      // regenerated.
      const secret = mintSecret(key.kind, brand, key.environment);
      await keys.replaceSecret(tx, key, secret, untilMs > Date.now() ? new Date(untilMs) : null);
    } else if (to.replaced.length > 0 && key.overlapEndsAt) await keys.endOverlap(tx, key.id);
  }

  /** Intersects the current grants of the key with its former ones. */
  private async narrowGrants(tx: Transaction, key: ApiKey, bound: readonly StoredGrant[]): Promise<void> {
    const { keys, directory } = this.deps;
    if (key.serviceAccountId !== null && !key.narrowed) {
      await keys.update(tx, key.id, { narrowed: true });
      await keys.replaceGrants(
        tx,
        key.id,
        bound.filter(({ scopeId }) => directory.tree.get(scopeId)),
      );
      return;
    }
    const both = directory.expand(key.grants).meet(directory.expand(bound));
    const grants = both.entries().map((entry) => ({ ...entry, roleId: null }));
    await keys.replaceGrants(tx, key.id, grants);
  }
}
