import { AppError, notFound } from '../../core/errors.js';
import { requireVersion, type ExpectedVersion } from '../../core/expected-version.js';
import { Emitter } from '../../core/events.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import type { AccessStore } from '../access/decide/access-store.postgres.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import type { HolderBounds } from '../access/decide/holder-bounds.js';
import {
  grantsForAudit,
  mergeGrants,
  parseGrants,
  sameGrants,
  type GrantRequest,
} from '../access/decide/grant.js';
import { requireAt, requireHeld, type Principal } from '../access/decide/principal.js';
import type { Changes } from '../events/changes.js';
import { domainEvent, type DomainEvent, type Subject } from '../events/domain-event.js';
import { anyChanged, differences } from '../events/field-changes.js';
import { requireWholeUser, seesUser } from './may-manage-user.js';
import type { UserAdminStore } from './user-admin-store.postgres.js';
import { parseUserName, type User } from './user.js';

/** Input for updating a user: absent fields stay unchanged. */
export interface UpdateUserRequest {
  readonly id: string;
  readonly name?: string | null;
  readonly enabled?: boolean | null;
  readonly grants?: readonly GrantRequest[] | null;
}

export interface UserServiceDeps {
  readonly store: UserAdminStore;
  readonly access: Pick<AccessStore, 'permissionNames'>;
  readonly directory: Directory;
  readonly changes: Changes;
  readonly bounds: Pick<HolderBounds, 'requirePersonBound'>;
}

/** Manages users, within the caller's reach and never beyond what the caller holds. */
export class UserService {
  /** Emits after a change of a user's permissions or ability to sign in. */
  readonly changed = new Emitter<{ readonly userId: string }>();

  constructor(private readonly deps: UserServiceDeps) {}

  /**
   * Changing name and state requires managing the user as a whole; grants replace those that the caller can see.
   * Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, GRANT_NOT_HELD, CONFLICT for the last owner and for a stale version.
   */
  async update(by: Principal, request: UpdateUserRequest, expected?: ExpectedVersion): Promise<User> {
    if (!isId(ID_PREFIXES.user, request.id)) throw notFound();
    const { store, directory } = this.deps;
    const requested = request.grants == null ? undefined : await this.parse(by, request.grants);
    const user = await this.deps.changes.apply(by, async (tx) => {
      const before = await store.lock(tx, request.id);
      if (!before) throw notFound();
      const held = await store.grantsOf(tx, before.id);
      if (!seesUser(by, held)) throw notFound();
      requireVersion(before.version, expected);
      const after = {
        ...before,
        name: request.name == null ? before.name : parseUserName(request.name),
        enabled: request.enabled ?? before.enabled,
      };
      if (after.name !== before.name || after.enabled !== before.enabled) {
        requireWholeUser(by, directory, held);
        await store.update(tx, before.id, after);
      }
      const local = held.filter(({ source }) => source === 'LOCAL');
      const external = held.filter(({ source }) => source === 'OIDC');
      // A grant from a group stays external: sending it back does not turn it into a local grant.
      const given = requested?.filter((grant) => isIn(local, grant) || !isIn(external, grant));
      const wanted = given ? mergeGrants(local, given, by.access) : local;
      const regrants = differing(local, wanted).length > 0;
      const gained = wanted.filter((grant) => !isIn(local, grant));
      const revived = after.enabled && !before.enabled ? held : [];
      await this.deps.bounds.requirePersonBound(tx, by, [...gained, ...revived]);
      const hadOwner = await store.hasOwner(tx, 'LOCAL');
      if (regrants) {
        this.requireMayGrant(by, differing(local, wanted));
        await store.replaceLocalGrants(tx, before.id, wanted);
      }
      if ((regrants || !after.enabled) && !(await store.hasOwner(tx, hadOwner ? 'LOCAL' : 'ANY'))) {
        throw new AppError('CONFLICT', 'This is the last owner. Make someone else an owner first.');
      }
      const about = subject(after, regrants ? differing(local, wanted) : held);
      const { enabled, ...changes } = {
        ...differences(
          { name: before.name, enabled: before.enabled },
          { name: after.name, enabled: after.enabled },
        ),
        ...(regrants
          ? { grants: { before: grantsForAudit(directory, local), after: grantsForAudit(directory, wanted) } }
          : {}),
      };
      const events: DomainEvent[] = [];
      if (anyChanged(changes)) events.push(domainEvent('user.updated', about, changes));
      if (enabled) {
        const type = after.enabled ? 'user.enabled' : 'user.disabled';
        events.push(domainEvent(type, subject(after, held), { enabled }));
      }
      if (events.length === 0) return { value: before, events };
      return { value: (await store.lock(tx, before.id))!, events };
    });
    this.changed.emit({ userId: user.id });
    return user;
  }

  private async parse(by: Principal, grants: readonly GrantRequest[]): Promise<StoredGrant[]> {
    const permissionNames = await this.deps.access.permissionNames();
    return parseGrants(
      grants,
      { directory: this.deps.directory, permissionNames, access: by.access },
      'grants',
    );
  }

  /** Requires the caller to hold everything that is granted or taken away, and to manage users at those scopes. */
  private requireMayGrant(by: Principal, grants: readonly StoredGrant[]): void {
    for (const { scopeId } of grants) requireAt(by, 'keywright.users.manage', scopeId);
    requireHeld(by, this.deps.directory.expand(grants));
  }
}

const isIn = (list: readonly StoredGrant[], grant: StoredGrant): boolean =>
  list.some((other) => sameGrants([other], [grant]));

/** Grants that only one of the two lists contains. */
function differing(before: readonly StoredGrant[], after: readonly StoredGrant[]): StoredGrant[] {
  return [...before.filter((grant) => !isIn(after, grant)), ...after.filter((grant) => !isIn(before, grant))];
}

const subject = ({ id, name }: User, grants: readonly StoredGrant[]): Subject => ({
  type: 'User',
  id,
  name,
  scopeIds: grants.map(({ scopeId }) => scopeId),
});
