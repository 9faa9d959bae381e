import type { MANAGEMENT_PERMISSIONS } from '@keywright/schema/permissions';
import { ADMIN } from './permissions.js';

/** A permission that Keywright's own operations require. */
export type ManagementPermission = (typeof MANAGEMENT_PERMISSIONS)[number]['name'];

/** Permissions at one scope and below it. */
export interface AccessEntry {
  scope: { id: string; kind: string };
  permissions: readonly string[];
}

/** Whether the held names, including wildcards, cover a permission. A trailing `.*` covers dotted names only. */
export function covers(held: readonly string[], permission: string): boolean {
  return held.some(
    (name) =>
      name === ADMIN ||
      name === permission ||
      (name.endsWith('.*') && permission.startsWith(name.slice(0, -1))),
  );
}

/** Whether a permission is held at a scope; `path` holds the ids of the scope and its ancestors. */
export function coversAt(
  access: readonly AccessEntry[],
  permission: string,
  path: readonly string[],
): boolean {
  return access.some(
    ({ scope, permissions }) =>
      (scope.kind === 'ROOT' || path.includes(scope.id)) && covers(permissions, permission),
  );
}

/** Whether the second permission is held at every scope where the first one is. */
export function coversWherever(access: readonly AccessEntry[], first: string, second: string): boolean {
  const atRoot = coversAt(access, second, []);
  return (
    atRoot || access.every(({ permissions }) => !covers(permissions, first) || covers(permissions, second))
  );
}
