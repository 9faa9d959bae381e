import { badInput, type FieldError } from '../../../core/errors.js';
import { ROOT_SCOPE, type Scope } from '../../scopes/tree/scope.js';
import type { AccessSet } from './access-set.js';
import type { Directory, StoredGrant } from './directory.js';
import { isPermissionPattern } from './permission.js';
import type { Role } from './role.js';

/** Maximum number of grants per holder. */
export const MAX_GRANTS = 200;
/** Maximum number of permissions per grant. */
const MAX_PERMISSIONS = 200;

/**
 * A grant as displayed: permissions or a role, at a scope. It covers the scope and everything below it; grants add up.
 */
export interface Grant {
  readonly scope: Scope;
  readonly role: Role | null;
  readonly permissions: readonly string[];
  /** The service account from which a key inherits this grant. */
  readonly inheritedFromId: string | null;
}

/** A requested grant: either a role or permissions. The default scope is the root. */
export interface GrantRequest {
  readonly scopeId?: string | null | undefined;
  readonly roleId?: string | null | undefined;
  readonly permissions?: readonly string[] | null | undefined;
}

/** What requested grants are validated against. */
export interface GrantCheck {
  readonly directory: Directory;
  readonly permissionNames: ReadonlySet<string>;
  /** What the caller holds. Scopes where the caller holds nothing are treated as nonexistent. */
  readonly access: AccessSet;
}

/** What is wrong with a permission name; undefined if it is valid. */
export function faultOfPermission(name: string, known: ReadonlySet<string>): string | undefined {
  if (!isPermissionPattern(name)) return `${JSON.stringify(name.slice(0, 60))} is not a permission name.`;
  if (!name.endsWith('.*')) {
    return known.has(name) ? undefined : `The permission ${name} does not exist.`;
  }
  return [...known].some((entry) => entry.startsWith(name.slice(0, -1)))
    ? undefined
    : `No permission starts with ${name.slice(0, -1)}`;
}

/** Validates a list of permission names; returns it sorted and without duplicates. */
export function checkPermissions(
  names: readonly string[],
  known: ReadonlySet<string>,
  path: string,
  faults: FieldError[],
): string[] {
  const distinct = [...new Set(names)].sort();
  if (distinct.length > MAX_PERMISSIONS) {
    faults.push({ path, message: `At most ${MAX_PERMISSIONS} permissions are allowed.` });
    return [];
  }
  for (const name of distinct) {
    const message = faultOfPermission(name, known);
    if (message) faults.push({ path, message });
  }
  return distinct;
}

/**
 * Validates requested grants. Error: BAD_USER_INPUT, which lists every invalid field. Drops grants without permissions.
 */
export function parseGrants(
  requests: readonly GrantRequest[],
  { directory, permissionNames, access }: GrantCheck,
  path: string,
): StoredGrant[] {
  const faults: FieldError[] = [];
  if (requests.length > MAX_GRANTS) {
    faults.push({ path, message: `At most ${MAX_GRANTS} grants are allowed.` });
  }
  const grants = requests.slice(0, MAX_GRANTS).map((request, i): StoredGrant => {
    const at = path === 'permissions' ? '' : `${path}.${i}.`;
    const roleId = request.roleId ?? null;
    const scopeId = request.scopeId ?? ROOT_SCOPE.id;
    if (roleId !== null && !directory.role(roleId)) {
      faults.push({ path: `${at}roleId`, message: 'This role does not exist.' });
    }
    if (scopeId !== ROOT_SCOPE.id && !access.reaches(scopeId)) {
      faults.push({ path: `${at}scopeId`, message: 'This scope does not exist.' });
    }
    if (roleId !== null && request.permissions != null) {
      faults.push({ path: `${at}permissions`, message: 'Specify a role or permissions, not both.' });
    }
    const permissions = checkPermissions(
      request.permissions ?? [],
      permissionNames,
      `${at}permissions`,
      faults,
    );
    return { scopeId, roleId, permissions };
  });
  if (faults.length > 0) throw badInput(faults);
  return grants.filter(({ roleId, permissions }) => roleId !== null || permissions.length > 0);
}

/** Whether a scope is visible. The root always is: it stands for the installation. */
export const seesScope = (access: AccessSet, scopeId: string): boolean =>
  scopeId === ROOT_SCOPE.id || access.reaches(scopeId);

/** The id of a scope for use in a filter. An invisible scope matches nothing, like one that does not exist. */
export const filterableScope = <T extends string | null | undefined>(access: AccessSet, scopeId: T): T | '' =>
  scopeId == null || seesScope(access, scopeId) ? scopeId : '';

/** Replaces the grants that the caller can see with the requested ones; keeps the others. */
export const mergeGrants = (
  current: readonly StoredGrant[],
  requested: readonly StoredGrant[],
  access: AccessSet,
): StoredGrant[] => [...current.filter(({ scopeId }) => !seesScope(access, scopeId)), ...requested];

/** The grants that a viewer can see: those at visible scopes. */
export function showGrants(
  directory: Directory,
  viewer: AccessSet,
  grants: readonly (StoredGrant & { readonly inheritedFromId?: string | null })[],
): Grant[] {
  return grants.flatMap(({ scopeId, roleId, permissions, inheritedFromId = null }) => {
    const scope = directory.tree.get(scopeId);
    if (!scope || !seesScope(viewer, scopeId)) return [];
    const role = roleId === null ? null : (directory.role(roleId) ?? null);
    return [{ scope, role, permissions, inheritedFromId }];
  });
}

/** A grant in a short form for events: a role or permissions, at a scope. */
export interface GrantSummary {
  readonly scope: string;
  readonly role?: string;
  readonly permissions?: readonly string[];
}

/** Grants in a short form for events. */
export const grantsForAudit = (directory: Directory, grants: readonly StoredGrant[]): GrantSummary[] =>
  grants.map(({ scopeId, roleId, permissions }) => ({
    scope: scopeId,
    ...(roleId === null
      ? { permissions: [...permissions] }
      : { role: directory.role(roleId)?.name ?? roleId }),
  }));

/**
 * Whether one of these grants gives the same in the same form: the role, or the permissions by name, at the same scope.
 */
export const isPartOfGrants = (
  { scopeId, roleId, permissions }: StoredGrant,
  grants: readonly StoredGrant[],
): boolean =>
  grants.some(
    (grant) =>
      grant.scopeId === scopeId &&
      grant.roleId === roleId &&
      permissions.every((name) => grant.permissions.includes(name)),
  );

/** Whether two lists of grants are equal, in order. */
export const sameGrants = (before: readonly StoredGrant[], after: readonly StoredGrant[]): boolean => {
  const plain = (grants: readonly StoredGrant[]): string =>
    JSON.stringify(grants.map(({ scopeId, roleId, permissions }) => [scopeId, roleId, permissions]));
  return plain(before) === plain(after);
};
