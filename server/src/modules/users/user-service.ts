import type { EntityManager } from 'typeorm';
import { AppError, notFound } from '../../core/errors.js';
import { requireVersion, type ExpectedVersion } from '../../core/expected-version.js';
import { Emitter } from '../../core/events.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import type { AccessStore } from '../access/access-store.postgres.js';
import type { Directory, StoredGrant } from '../access/directory.js';
import type { HolderBounds } from '../access/holder-bounds.js';
import { grantsForAudit, mergeGrants, parseGrants, sameGrants, type GrantRequest } from '../access/grant.js';
import { requireAt, requireHeld, type Principal } from '../access/principal.js';
import type { ChangeRunner } from '../audit/change-runner.js';
import { requireWholeUser, seesUser } from './may-manage-user.js';
import type { UserAdminStore } from './user-admin-store.postgres.js';
import { parseUserName, type User } from './user.js';

/** What changes of a user: absent leaves alone. */
export interface UpdateUserRequest {
  readonly id: string;
  readonly name?: string | null;
  readonly enabled?: boolean | null;
  readonly grants?: readonly GrantRequest[] | null;
}

/** What the service works with. */
export interface UserServiceParts {
  readonly store: UserAdminStore;
  readonly access: Pick<AccessStore, 'permissionNames'>;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
  readonly bounds: Pick<HolderBounds, 'requirePersonBound'>;
  /** Ends all sessions of a user inside the transaction of the change. */
  readonly endSessions: (manager: EntityManager, userId: string) => Promise<unknown>;
  /** Ends an open link to choose a password. */
  readonly endLink: (manager: EntityManager, userId: string) => Promise<unknown>;
}

/** Manages users: each within the reach of who does it, and never beyond what they hold themselves. */
export class UserService {
  /** Emits after what a user may do has changed, or whether they may sign in. */
  readonly changed = new Emitter<{ readonly userId: string }>();

  constructor(private readonly parts: UserServiceParts) {}

  /**
   * Name and state are changed by who manages the user as a whole; grants replace those that the caller can see. Errors:
   * NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, GRANT_NOT_HELD, CONFLICT for the last owner and for a stale version.
   */
  async update(by: Principal, request: UpdateUserRequest, expected?: ExpectedVersion): Promise<User> {
    if (!isId(ID_PREFIXES.user, request.id)) throw notFound();
    const { store, directory } = this.parts;
    const requested = request.grants == null ? undefined : await this.parse(by, request.grants);
    const user = await this.parts.changes.apply(by, async (manager) => {
      const before = await store.lock(manager, request.id);
      if (!before) throw notFound();
      const held = await store.grantsOf(manager, before.id);
      if (!seesUser(by, held)) throw notFound();
      requireVersion(before.version, expected);
      const after = {
        ...before,
        name: request.name == null ? before.name : parseUserName(request.name),
        enabled: request.enabled ?? before.enabled,
      };
      if (after.name !== before.name || after.enabled !== before.enabled) {
        requireWholeUser(by, directory, held);
        await store.update(manager, before.id, after);
        if (!after.enabled) await this.parts.endSessions(manager, before.id);
      }
      const local = held.filter(({ source }) => source === 'LOCAL');
      const external = held.filter(({ source }) => source === 'OIDC');
      // What a group brings stays with the group: sent back, it does not become something granted here.
      const given = requested?.filter((grant) => isIn(local, grant) || !isIn(external, grant));
      const wanted = given ? mergeGrants(local, given, by.access) : local;
      const regrants = differing(local, wanted).length > 0;
      const gained = wanted.filter((grant) => !isIn(local, grant));
      const revived = after.enabled && !before.enabled ? held : [];
      await this.parts.bounds.requirePersonBound(manager, by, [...gained, ...revived]);
      const hadOwner = await store.hasOwner(manager, 'LOCAL');
      if (regrants) {
        this.requireMayGrant(by, differing(local, wanted));
        await store.replaceLocalGrants(manager, before.id, wanted);
      }
      // A link was made for somebody who held what the one who made it held.
      if (regrants || !after.enabled) await this.parts.endLink(manager, before.id);
      if ((regrants || !after.enabled) && !(await store.hasOwner(manager, hadOwner ? 'LOCAL' : 'ANY'))) {
        throw new AppError('CONFLICT', 'The last owner stays: make somebody else an owner first.');
      }
      const changes = {
        ...(after.name === before.name ? {} : { name: { before: before.name, after: after.name } }),
        ...(after.enabled === before.enabled
          ? {}
          : { enabled: { before: before.enabled, after: after.enabled } }),
        ...(regrants
          ? { grants: { before: grantsForAudit(directory, local), after: grantsForAudit(directory, wanted) } }
          : {}),
      };
      if (Object.keys(changes).length === 0) return { value: before, noted: null };
      const places = regrants ? differing(local, wanted) : held;
      const value = (await store.lock(manager, before.id))!;
      return { value, noted: { ...target(after, places), action: 'user.update', changes } };
    });
    this.changed.emit({ userId: user.id });
    return user;
  }

  private async parse(by: Principal, grants: readonly GrantRequest[]): Promise<StoredGrant[]> {
    const permissionNames = await this.parts.access.permissionNames();
    return parseGrants(
      grants,
      { directory: this.parts.directory, permissionNames, access: by.access },
      'grants',
    );
  }

  /** What is given or taken must be held, where users are managed. */
  private requireMayGrant(by: Principal, grants: readonly StoredGrant[]): void {
    for (const { scopeId } of grants) requireAt(by, 'keywright.users.manage', scopeId);
    requireHeld(by, this.parts.directory.expand(grants));
  }
}

const isIn = (list: readonly StoredGrant[], grant: StoredGrant): boolean =>
  list.some((other) => sameGrants([other], [grant]));

/** Grants that only one of two lists has. */
function differing(before: readonly StoredGrant[], after: readonly StoredGrant[]): StoredGrant[] {
  return [...before.filter((grant) => !isIn(after, grant)), ...after.filter((grant) => !isIn(before, grant))];
}

const target = (user: User, grants: readonly StoredGrant[]) => ({
  targetType: 'User' as const,
  targetId: user.id,
  targetName: user.name,
  scopeIds: grants.map(({ scopeId }) => scopeId),
});
