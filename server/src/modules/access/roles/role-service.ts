import { MAX_DESCRIPTION, MAX_NAME } from '@keywright/schema/bounds';
import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { AppError, badInput, notFound, type FieldError } from '../../../core/errors.js';
import { requireVersion, type ExpectedVersion } from '../../../core/expected-version.js';
import { ID_PREFIXES, isId, newId } from '../../../core/id.js';
import { faultOfDescription, faultOfName } from '../../../core/description.js';
import { AccessSet } from '../decide/access-set.js';
import type { AccessStore } from '../decide/access-store.postgres.js';
import type { Directory } from '../decide/directory.js';
import { checkPermissions } from '../decide/grant.js';
import type { HolderBounds } from '../decide/holder-bounds.js';
import { requireAt, requireHeld, type Principal } from '../decide/principal.js';
import type { Role } from '../decide/role.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent, type Subject } from '../../events/domain-event.js';
import { anyChanged, differences } from '../../events/field-changes.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { describeHolders, type RoleStore } from './role-store.postgres.js';

/** Input for creating a role. */
export interface CreateRoleRequest {
  readonly name: string;
  readonly description?: string | null;
  readonly permissions: readonly string[];
}

/** Input for updating a role: absent fields stay unchanged. */
export interface UpdateRoleRequest {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly permissions?: readonly string[] | null;
}

export interface RoleServiceDeps {
  readonly store: RoleStore;
  readonly access: Pick<AccessStore, 'lockedPermissionNames'>;
  /** Whether an enabled user still holds everything. */
  readonly owners: { hasOwner(tx: Transaction, source: 'ANY'): Promise<boolean> };
  readonly directory: Directory;
  readonly bounds: HolderBounds;
  readonly changes: Changes;
  readonly clock: Clock;
}

/** Changes roles. They apply everywhere, so changing them needs keywright.access.manage at the root. */
export class RoleService {
  constructor(private readonly deps: RoleServiceDeps) {}

  /** Errors: FORBIDDEN, BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD. */
  create(by: Principal, request: CreateRoleRequest): Promise<Role> {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    const role: Omit<Role, 'version'> = {
      id: newId(ID_PREFIXES.role, this.deps.clock.now()),
      name: request.name,
      description: request.description ?? null,
      permissions: request.permissions,
      builtIn: false,
    };
    return this.deps.changes.apply(by, async (tx) => {
      const checked = await this.checked(tx, role);
      this.requireHeldEverywhere(by, checked.permissions);
      await this.deps.store.save(tx, checked);
      const value = (await this.deps.store.lock(tx, role.id))!;
      return {
        value,
        events: [domainEvent('role.created', subject(value), differences(null, shown(value)))],
      };
    });
  }

  /**
   * The caller must hold every permission that is added or removed, and all permissions of the role to rename it; the
   * last owner stays. Errors: FORBIDDEN, NOT_FOUND, BAD_USER_INPUT, NAME_TAKEN, GRANT_NOT_HELD, CONFLICT.
   */
  update(by: Principal, request: UpdateRoleRequest, expected?: ExpectedVersion): Promise<Role> {
    this.editable(by, request.id);
    const { name, description, permissions } = request;
    return this.deps.changes.apply(by, async (tx) => {
      const role = await this.deps.store.lock(tx, request.id);
      if (!role) throw notFound();
      requireVersion(role.version, expected);
      const wanted = await this.checked(tx, {
        ...role,
        ...(name === undefined ? {} : { name: name ?? '' }),
        ...(description === undefined ? {} : { description }),
        ...(permissions == null ? {} : { permissions }),
      });
      const [before, after] = [role.permissions, wanted.permissions];
      this.requireHeldEverywhere(by, [
        ...after.filter((entry) => !before.includes(entry)),
        ...before.filter((entry) => !after.includes(entry)),
        // Roles are also granted by name: to groups, and by people who recognize the name.
        ...(wanted.name === role.name ? [] : before),
      ]);
      const gained = new AccessSet(this.deps.directory.tree, [
        { scopeId: ROOT_SCOPE.id, permissions: after.filter((entry) => !before.includes(entry)) },
      ]);
      await this.deps.bounds.requireGainBound(tx, by, { roleId: role.id }, gained);
      const hadOwner = await this.deps.owners.hasOwner(tx, 'ANY');
      const changes = differences(shown(role), shown(wanted));
      if (!anyChanged(changes)) return { value: role, events: [] };
      await this.deps.store.save(tx, wanted);
      if (hadOwner && !(await this.deps.owners.hasOwner(tx, 'ANY'))) {
        throw new AppError(
          'CONFLICT',
          'The last owner has full access through this role. Add another owner first.',
        );
      }
      const value = (await this.deps.store.lock(tx, role.id))!;
      return { value, events: [domainEvent('role.updated', subject(wanted), changes)] };
    });
  }

  /** Errors: FORBIDDEN, NOT_FOUND, CONFLICT, which names the holders. */
  delete(by: Principal, id: string): Promise<boolean> {
    this.editable(by, id);
    return this.deps.changes.apply(by, async (tx) => {
      const role = await this.deps.store.lock(tx, id);
      if (!role) throw notFound();
      const holders = await this.deps.store.holders(tx, id);
      if (holders.length > 0) {
        throw new AppError('CONFLICT', `This role is in use by ${describeHolders(holders)}.`);
      }
      await this.deps.store.delete(tx, id);
      const changes = { name: { before: role.name, after: null } };
      return { value: true, events: [domainEvent('role.deleted', subject(role), changes)] };
    });
  }

  private editable(by: Principal, id: string): Role {
    requireAt(by, 'keywright.access.manage', ROOT_SCOPE.id);
    const role = isId(ID_PREFIXES.role, id) ? this.deps.directory.role(id) : undefined;
    if (!role) throw notFound();
    if (role.builtIn)
      throw new AppError('FORBIDDEN', 'Built-in roles cannot be changed. Duplicate it instead.');
    return role;
  }

  private async checked<R extends Omit<Role, 'version'>>(tx: Transaction, role: R): Promise<R> {
    const faults: FieldError[] = [];
    const name = role.name.trim();
    const description = role.description?.trim() || null;
    const faultOfItsName = faultOfName(name, MAX_NAME);
    if (faultOfItsName !== undefined) faults.push({ path: 'name', message: faultOfItsName });
    const fault = faultOfDescription(description ?? '', MAX_DESCRIPTION);
    if (fault !== undefined) faults.push({ path: 'description', message: fault });
    const known = await this.deps.access.lockedPermissionNames(tx);
    const permissions = checkPermissions(role.permissions, known, 'permissions', faults);
    if (faults.length > 0) throw badInput(faults);
    return { ...role, name, description, permissions };
  }

  private requireHeldEverywhere(by: Principal, permissions: readonly string[]): void {
    requireHeld(by, new AccessSet(this.deps.directory.tree, [{ scopeId: ROOT_SCOPE.id, permissions }]));
  }
}

const subject = ({ id, name }: Role): Subject => ({ type: 'Role', id, name });

const shown = ({ name, description, permissions }: Role) => ({ name, description, permissions });
