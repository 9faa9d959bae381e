import { badInput, type FieldError } from '../../core/errors.js';
import { ROOT_SCOPE, type Scope } from '../scopes/scope.js';
import { isPermissionPattern } from './permission.js';
import type { Role } from './role.js';

/** Most permissions in one grant, and most grants of one holder. */
const MAX_ENTRIES = 200;

/** Permissions or a role, at a scope. It covers the scope and everything below it; grants add up. */
export interface Grant {
  readonly scope: Scope;
  readonly role: Role | null;
  readonly permissions: readonly string[];
}

/** A grant as a caller asks for it: a role or permissions, not both; no scope means the root. */
export interface GrantRequest {
  readonly scopeId?: string | null | undefined;
  readonly roleId?: string | null | undefined;
  readonly permissions?: readonly string[] | null | undefined;
}

/** What grants are checked against. */
export interface AccessCatalogue {
  readonly permissionNames: ReadonlySet<string>;
  readonly roles: ReadonlyMap<string, Role>;
}

/** Everything that the grants allow, sorted and without repetition. */
export const permissionsOf = (grants: readonly Grant[]): string[] =>
  [...new Set(grants.flatMap((g) => [...g.permissions, ...(g.role?.permissions ?? [])]))].sort();

function faultOf(name: string, catalogue: AccessCatalogue): string | undefined {
  if (!isPermissionPattern(name)) return `${JSON.stringify(name.slice(0, 60))} is not a permission name.`;
  const known = name.endsWith('.*')
    ? [...catalogue.permissionNames].some((known) => known.startsWith(name.slice(0, -1)))
    : catalogue.permissionNames.has(name);
  if (!known) {
    return name.endsWith('.*')
      ? `No permission in the catalogue begins with ${name.slice(0, -1)}`
      : `The permission ${name} is not in the catalogue.`;
  }
  return undefined;
}

/** Checks requested grants against the catalogue; error: BAD_USER_INPUT, with every refused member named. */
export function parseGrants(
  requests: readonly GrantRequest[],
  catalogue: AccessCatalogue,
  path: string,
): Grant[] {
  const faults: FieldError[] = [];
  if (requests.length > MAX_ENTRIES)
    faults.push({ path, message: `At most ${MAX_ENTRIES} grants are allowed.` });
  const grants = requests.slice(0, MAX_ENTRIES).map((request, i): Grant => {
    const at = path === 'permissions' ? '' : `${path}.${i}.`;
    const permissions = [...new Set(request.permissions ?? [])];
    const role = request.roleId == null ? null : (catalogue.roles.get(request.roleId) ?? undefined);
    if (role === undefined) faults.push({ path: `${at}roleId`, message: 'There is no such role.' });
    if ((request.scopeId ?? ROOT_SCOPE.id) !== ROOT_SCOPE.id) {
      faults.push({ path: `${at}scopeId`, message: 'There is no such scope.' });
    }
    if (request.roleId != null && request.permissions != null) {
      faults.push({ path: `${at}permissions`, message: 'Give a role or permissions, not both.' });
    }
    if (permissions.length > MAX_ENTRIES) {
      faults.push({ path: `${at}permissions`, message: `At most ${MAX_ENTRIES} permissions are allowed.` });
    } else {
      for (const name of permissions) {
        const message = faultOf(name, catalogue);
        if (message) faults.push({ path: `${at}permissions`, message });
      }
    }
    return { scope: ROOT_SCOPE, role: role ?? null, permissions: permissions.sort() };
  });
  if (faults.length > 0) throw badInput(faults);
  return grants.filter((grant) => grant.role !== null || grant.permissions.length > 0);
}
