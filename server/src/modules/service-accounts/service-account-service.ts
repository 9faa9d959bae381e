import { MAX_DESCRIPTION, MAX_KEY_NAME } from '@keywright/schema/bounds';
import type { Clock } from '../../core/clock.js';
import { AppError, badInput, notFound, type FieldError } from '../../core/errors.js';
import { requireVersion, type ExpectedVersion } from '../../core/expected-version.js';
import { ID_PREFIXES, isId, newId } from '../../core/id.js';
import { faultOfDescription, faultOfName } from '../../core/description.js';
import { AccessSet } from '../access/decide/access-set.js';
import type { AccessStore } from '../access/decide/access-store.postgres.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import {
  grantsForAudit,
  isPartOfGrants,
  mergeGrants,
  parseGrants,
  sameGrants,
  seesScope,
  type GrantRequest,
} from '../access/decide/grant.js';
import type { HolderBounds } from '../access/decide/holder-bounds.js';
import { requireAt, requireChange, requireHeld, type Principal } from '../access/decide/principal.js';
import type { Changes } from '../events/changes.js';
import { domainEvent, type DomainEvent, type Subject } from '../events/domain-event.js';
import { anyChanged, differences } from '../events/field-changes.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { ServiceAccount } from './service-account.js';
import type { ServiceAccountStore } from './service-account-store.postgres.js';

/** Input for creating a service account. */
export interface CreateServiceAccountRequest {
  readonly name: string;
  readonly description?: string | null;
  readonly scopeId?: string | null;
  readonly grants: readonly GrantRequest[];
  readonly enabled: boolean;
}

/** Input for an update: absent fields stay unchanged. */
export interface UpdateServiceAccountRequest {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly enabled?: boolean | null;
  readonly grants?: readonly GrantRequest[] | null;
}

export interface ServiceAccountServiceDeps {
  readonly store: ServiceAccountStore;
  readonly access: Pick<AccessStore, 'permissionNames'>;
  readonly directory: Directory;
  readonly bounds: HolderBounds;
  readonly changes: Changes;
  readonly clock: Clock;
}

/** Changes service accounts; changed grants take effect for all their keys immediately. */
export class ServiceAccountService {
  constructor(private readonly deps: ServiceAccountServiceDeps) {}

  /** Errors: BAD_USER_INPUT, FORBIDDEN, NAME_TAKEN, GRANT_NOT_HELD. */
  async create(by: Principal, request: CreateServiceAccountRequest): Promise<ServiceAccount> {
    const scopeId = request.scopeId ?? ROOT_SCOPE.id;
    const faults: FieldError[] = [];
    if (!seesScope(by.access, scopeId))
      faults.push({ path: 'scopeId', message: 'This scope does not exist.' });
    const texts = checkTexts(request.name, request.description ?? null, faults);
    requireAt(by, 'keywright.access.manage', scopeId);
    const grants = await this.parse(by, request.grants);
    this.requireMayGrant(by, scopeId, grants);
    const now = this.deps.clock.now();
    const account: Omit<ServiceAccount, 'version'> = {
      id: newId(ID_PREFIXES.serviceAccount, now),
      ...texts,
      scopeId,
      enabled: request.enabled,
      grants,
      createdAt: new Date(now),
      createdBy: by.actor,
    };
    return this.deps.changes.apply(by, async (tx) => {
      const { store } = this.deps;
      await store.insert(tx, account);
      const value = (await store.lock(tx, account.id))!;
      const changes = differences(null, this.shown(value));
      return { value, events: [domainEvent('service_account.created', subject(value), changes)] };
    });
  }

  /**
   * The caller must hold everything that is added or starts to work again. Errors: NOT_FOUND, FORBIDDEN,
   * BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD, CONFLICT for a stale version.
   */
  async update(
    by: Principal,
    request: UpdateServiceAccountRequest,
    expected?: ExpectedVersion,
  ): Promise<ServiceAccount> {
    this.changeable(by, request.id);
    const requested = request.grants == null ? undefined : await this.parse(by, request.grants);
    return this.deps.changes.apply(by, async (tx) => {
      const { store, directory } = this.deps;
      const account = await store.lock(tx, request.id);
      if (!account) throw notFound();
      requireVersion(account.version, expected);
      const { name = account.name, description = account.description } = request;
      const retexted = name !== account.name || description !== account.description;
      const after: ServiceAccount = {
        ...account,
        // Names and descriptions that predate the current rules stay valid until they are edited.
        ...(retexted ? checkTexts(name ?? '', description, []) : {}),
        enabled: request.enabled ?? account.enabled,
        grants: requested ? mergeGrants(account.grants, requested, by.access) : account.grants,
      };
      const before = directory.expand(account.grants);
      const wanted = directory.expand(after.grants);
      const worksAgain = after.enabled && !account.enabled;
      const renamed = after.name !== account.name || after.description !== account.description;
      if (renamed) requireHeld(by, before);
      requireHeld(by, worksAgain ? wanted : new AccessSet(directory.tree, before.missing(wanted)));
      const added = after.grants.filter((grant) => !account.grants.some((old) => sameGrants([old], [grant])));
      const fresh = added.filter((grant) => !isPartOfGrants(grant, account.grants));
      await this.deps.bounds.requireGainBound(
        tx,
        by,
        { serviceAccountId: account.id },
        worksAgain ? wanted : directory.expand(fresh),
      );
      this.requireMayGrant(by, account.scopeId, added);
      const events = this.updateEvents(account, after);
      if (events.length === 0) return { value: account, events };
      await store.update(tx, after);
      if (!sameGrants(account.grants, after.grants)) await store.replaceGrants(tx, after.id, after.grants);
      return { value: (await store.lock(tx, after.id))!, events };
    });
  }

  /** Errors: NOT_FOUND, FORBIDDEN, CONFLICT while it has keys that are not revoked. */
  delete(by: Principal, id: string): Promise<boolean> {
    this.changeable(by, id);
    return this.deps.changes.apply(by, async (tx) => {
      const account = await this.deps.store.lock(tx, id);
      if (!account) throw notFound();
      const [keys = 0] = await this.deps.store.keyCounts([id], tx);
      if (keys > 0) {
        const counted = keys === 1 ? '1 key' : `${keys} keys`;
        throw new AppError('CONFLICT', `${account.name} still has ${counted}. Revoke them first.`);
      }
      await this.deps.store.delete(tx, id);
      const changes = { name: { before: account.name, after: null } };
      return { value: true, events: [domainEvent('service_account.deleted', subject(account), changes)] };
    });
  }

  private changeable(by: Principal, id: string): void {
    const account = isId(ID_PREFIXES.serviceAccount, id) ? this.deps.directory.serviceAccount(id) : undefined;
    if (!account) throw notFound();
    requireChange(by, 'keywright.access.manage', 'keywright.keys.read', account.scopeId);
  }

  private async parse(by: Principal, grants: readonly GrantRequest[]): Promise<StoredGrant[]> {
    const permissionNames = await this.deps.access.permissionNames();
    return parseGrants(
      grants,
      { directory: this.deps.directory, permissionNames, access: by.access },
      'grants',
    );
  }

  /**
   * Requires the caller to hold everything that is granted, and to manage access at every scope outside of the
   * account's own.
   */
  private requireMayGrant(by: Principal, homeId: string, grants: readonly StoredGrant[]): void {
    const { directory } = this.deps;
    requireHeld(by, directory.expand(grants));
    for (const { scopeId } of grants) {
      if (!directory.tree.isWithin(scopeId, homeId)) requireAt(by, 'keywright.access.manage', scopeId);
    }
  }

  /** The events of an update: one for its fields, and one for its switch. */
  private updateEvents(before: ServiceAccount, after: ServiceAccount): DomainEvent[] {
    const { enabled, ...fields } = differences(this.shown(before), this.shown(after));
    const about = subject(after);
    const events: DomainEvent[] = [];
    if (anyChanged(fields)) events.push(domainEvent('service_account.updated', about, fields));
    if (enabled) {
      const type = after.enabled ? 'service_account.enabled' : 'service_account.disabled';
      events.push(domainEvent(type, about, { enabled }));
    }
    return events;
  }

  private shown({ name, description, enabled, grants }: ServiceAccount) {
    return { name, description, enabled, grants: grantsForAudit(this.deps.directory, grants) };
  }
}

const subject = ({ id, name, scopeId }: ServiceAccount): Subject => ({
  type: 'ServiceAccount',
  id,
  name,
  scopeIds: [scopeId],
});

function checkTexts(
  givenName: string,
  givenDescription: string | null,
  faults: FieldError[],
): { name: string; description: string | null } {
  const name = givenName.trim();
  const description = givenDescription?.trim() || null;
  const faultOfItsName = faultOfName(name, MAX_KEY_NAME);
  if (faultOfItsName !== undefined) faults.push({ path: 'name', message: faultOfItsName });
  const fault = faultOfDescription(description ?? '', MAX_DESCRIPTION);
  if (fault !== undefined) faults.push({ path: 'description', message: fault });
  if (faults.length > 0) throw badInput(faults);
  return { name, description };
}
