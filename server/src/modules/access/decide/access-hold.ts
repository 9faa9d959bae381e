import type { AccessExcess, ScopeNode } from '../../scopes/tree/scope.js';
import type { DirectoryContent, GrantHolder, StoredGrant } from './directory.js';
import { meetPermissions, PermissionSet } from './permission.js';
import type { Role } from './role.js';

/**
 * The access of a service account, role or scope at some moment, as an upper bound. Plain JSON, stored in files and in
 * the database.
 */
export type AccessRestriction =
  | { readonly enabled: boolean; readonly grants: readonly StoredGrant[] }
  | { readonly permissions: readonly string[] }
  | { readonly apiEnabled: boolean; readonly parentId: string | null };

/** An unsettled hold and the restriction that it enforces on its target. */
export interface OpenAccessHold {
  readonly targetId: string;
  readonly restriction: AccessRestriction;
  readonly excess: readonly AccessExcess[];
}

/** A service account, role or scope. */
export type DirectoryEntry = GrantHolder | Role | ScopeNode;

const isAccount = (entry: DirectoryEntry): entry is GrantHolder => 'grants' in entry;
const isRole = (entry: DirectoryEntry): entry is Role => 'permissions' in entry;

/** What an entry allows. */
export function accessRestrictionOf(entry: DirectoryEntry): AccessRestriction {
  if (isAccount(entry)) return { enabled: entry.enabled, grants: entry.heldTo?.at(-1) ?? entry.grants };
  if (isRole(entry)) return { permissions: entry.permissions };
  return { apiEnabled: entry.apiEnabled, parentId: entry.heldUnder?.at(-1) ?? entry.parentId };
}

/** Whether the entry could have been restricted further: anything ever edited, disabled or switched off. */
export function isWorthRemembering(entry: DirectoryEntry): boolean {
  if (entry.version > 1) return true;
  return isAccount(entry) ? !entry.enabled : !isRole(entry) && !entry.apiEnabled;
}

/** The ways in which an entry allows more than the restriction; empty if it allows no more. */
export function accessExcessOf(entry: DirectoryEntry, to: AccessRestriction): AccessExcess[] {
  const found: AccessExcess[] = [];
  if (isAccount(entry) && 'grants' in to) {
    if (entry.enabled && !to.enabled) found.push('DISABLED');
    const isHeld = entry.heldTo?.some((held) => isCovered(held, to.grants)) === true;
    if (!isHeld && !isCovered(entry.grants, to.grants)) found.push('ACCESS');
  } else if (isRole(entry) && 'permissions' in to) {
    if (new PermissionSet(to.permissions).missing(entry.permissions).length > 0) found.push('ACCESS');
  } else if ('parentId' in entry && 'parentId' in to) {
    if (entry.apiEnabled && !to.apiEnabled) found.push('API_DISABLED');
    if (to.parentId !== null && to.parentId !== entry.parentId && !entry.heldUnder?.includes(to.parentId)) {
      found.push('MOVED');
    }
  }
  return found;
}

/**
 * Whether each grant is covered by a single one of the others. If not, both lists apply as bounds, so access never
 * widens.
 */
export const isCovered = (grants: readonly StoredGrant[], by: readonly StoredGrant[]): boolean =>
  grants.every(({ scopeId, roleId, permissions }) =>
    by.some(
      (held) =>
        held.scopeId === scopeId &&
        held.roleId === roleId &&
        permissions.every((name) => held.permissions.includes(name) || held.permissions.includes('*')),
    ),
  );

/** Returns the narrower of an entry and the restriction of its hold. */
export function holdEntry<E extends DirectoryEntry>(
  entry: E,
  { restriction: to, excess }: Omit<OpenAccessHold, 'targetId'>,
): E {
  const held = [...new Set([...(entry.held ?? []), ...excess])];
  if (isAccount(entry) && 'grants' in to) {
    const heldTo = [...(entry.heldTo ?? []), to.grants];
    return { ...entry, held, heldTo, enabled: entry.enabled && to.enabled };
  }
  if (isRole(entry) && 'permissions' in to) {
    const [own, bound] = [new PermissionSet(entry.permissions), new PermissionSet(to.permissions)];
    return { ...entry, held, permissions: meetPermissions(own, bound) };
  }
  if ('parentId' in entry && 'parentId' in to) {
    const moved = to.parentId !== null && to.parentId !== entry.parentId;
    const heldUnder = moved ? [...(entry.heldUnder ?? []), to.parentId] : entry.heldUnder;
    return { ...entry, held, apiEnabled: entry.apiEnabled && to.apiEnabled, ...(heldUnder && { heldUnder }) };
  }
  return entry;
}

/** Narrows database content by the open holds, so that nothing allows more than it did before. */
export function holdContent(content: DirectoryContent, holds: readonly OpenAccessHold[]): DirectoryContent {
  if (holds.length === 0) return content;
  const byTarget = new Map<string, OpenAccessHold[]>();
  for (const each of holds) byTarget.set(each.targetId, [...(byTarget.get(each.targetId) ?? []), each]);
  const each = <E extends DirectoryEntry>(entries: Iterable<E>): E[] =>
    [...entries].map((entry) => (byTarget.get(entry.id) ?? []).reduce<E>(holdEntry, entry));
  return {
    scopes: each(content.scopes),
    roles: each(content.roles),
    serviceAccounts: each(content.serviceAccounts),
  };
}
