import type { DataSource, EntityManager } from 'typeorm';
import { notFound } from '../../../core/errors.js';
import { ID_PREFIXES, isId } from '../../../core/id.js';
import type { Propagation } from '../../../core/propagation.js';
import type { Directory, StoredGrant } from '../../access/decide/directory.js';
import { requireHeld, type Principal } from '../../access/decide/principal.js';
import type { ChangeRunner } from '../../audit/change-runner.js';
import { mintSecret } from '../../keys/key-secret.js';
import type { KeyChanges, KeyStore } from '../../keys/key-store.js';
import type { ApiKey } from '../../keys/key.js';
import { listKeyHolds, lockKeyHold, settleKeyHold, type KeyHold } from './key-hold-store.postgres.js';
import { intersectRanges } from './intersect-ranges.js';
import { bothLimits, type Restriction } from './restriction.js';

const REASON = 'Revoked before the database was restored.';

/** The current secret as restrictions name it. */
const CURRENT_SECRET = `
  select case when kind = 'SIGNED' then 'v' || secret_version else public_part end as secret from api_key where id = $1`;

/** A settled hold and how far the change has propagated. */
export interface SettledHold {
  readonly hold: KeyHold;
  readonly propagation: Propagation;
}

export interface KeyHoldServiceDeps {
  readonly dataSource: DataSource;
  readonly keys: KeyStore;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
  readonly brand: string;
}

/** Settles changes to keys that a restored database lost: repeats the change or accepts the state of the database. */
export class KeyHoldService {
  constructor(private readonly deps: KeyHoldServiceDeps) {}

  /** Unsettled holds. */
  list(): Promise<KeyHold[]> {
    return listKeyHolds(this.deps.dataSource);
  }

  /** Repeats the lost change. Error: NOT_FOUND. */
  apply(by: Principal, id: string): Promise<SettledHold> {
    return this.settle(by, id, 'apiKey.applyHold', async (manager, hold, key) => {
      await settleKeyHold(manager, id, 'APPLIED');
      if (!key.revokedAt) await this.close(manager, by, key, hold.restriction);
    });
  }

  /** Accepts the state of the database for the key. Errors: NOT_FOUND, GRANT_NOT_HELD. */
  release(by: Principal, id: string): Promise<SettledHold> {
    return this.settle(by, id, 'apiKey.releaseHold', async (manager, _hold, key) => {
      requireHeld(by, key.access);
      await settleKeyHold(manager, id, 'RELEASED');
    });
  }

  private async settle(
    by: Principal,
    id: string,
    action: string,
    work: (manager: EntityManager, hold: KeyHold, key: ApiKey) => Promise<void>,
  ): Promise<SettledHold> {
    if (!isId(ID_PREFIXES.keyHold, id)) throw notFound();
    const { value: hold, propagation } = await this.deps.changes.run(by, async (manager) => {
      const hold = await lockKeyHold(manager, id);
      const key = hold && (await this.deps.keys.lock(manager, hold.apiKeyId));
      if (!hold || !key) throw notFound();
      await work(manager, hold, key);
      const noted = {
        action,
        targetType: 'ApiKey' as const,
        targetId: key.id,
        targetName: key.name,
        scopeIds: [key.scopeId],
        changes: { hold: { before: hold.reasons, after: null } },
      };
      return { value: hold, noted };
    });
    return { hold, propagation };
  }

  private async close(manager: EntityManager, by: Principal, key: ApiKey, to: Restriction): Promise<void> {
    const { keys, brand } = this.deps;
    if ('revoked' in to) return keys.revoke(manager, key.id, by.actor, REASON);
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
    await keys.update(manager, key.id, changes);
    if (to.grants !== null) await this.narrowGrants(manager, key, to.grants);
    const [{ secret: current }] = (await manager.query(CURRENT_SECRET, [key.id])) as [{ secret: string }];
    const untilMs = new Map(to.replaced).get(current);
    if (untilMs !== undefined) {
      // The replacing secret was lost with the database, so nobody has a working secret until the key is
      // regenerated.
      const secret = mintSecret(key.kind, brand, key.environment);
      await keys.replaceSecret(manager, key, secret, untilMs > Date.now() ? new Date(untilMs) : null);
    } else if (to.replaced.length > 0 && key.overlapEndsAt) await keys.endOverlap(manager, key.id);
  }

  /** Intersects the current grants of the key with its former ones. */
  private async narrowGrants(
    manager: EntityManager,
    key: ApiKey,
    bound: readonly StoredGrant[],
  ): Promise<void> {
    const { keys, directory } = this.deps;
    if (key.serviceAccountId !== null && !key.narrowed) {
      await keys.update(manager, key.id, { narrowed: true });
      await keys.replaceGrants(
        manager,
        key.id,
        bound.filter(({ scopeId }) => directory.tree.get(scopeId)),
      );
      return;
    }
    const both = directory.expand(key.grants).meet(directory.expand(bound));
    const grants = both.entries().map((entry) => ({ ...entry, roleId: null }));
    await keys.replaceGrants(manager, key.id, grants);
  }
}
