import { fold } from '@keywright/schema/fold';
/** The permission that includes all others. */
export const ADMIN = '*';

/** The permission to change scopes, service accounts, roles and the catalog. */
export const MANAGE_ACCESS = 'keywright.access.manage';

/** The permission to create and change keys. */
export const WRITE_KEYS = 'keywright.keys.write';

/** The fields of a catalog entry that the form needs. */
export interface PermissionEntry {
  name: string;
  label: string;
  group: string;
  description?: string | null;
}

/** How the permissions of a form were selected. */
export type PermissionPreset = 'full' | 'read' | 'custom';

/** Prefix of Keywright's own management permissions; no preset includes them. */
const MANAGEMENT_PREFIX = 'keywright.';

const isApiPermission = ({ name }: PermissionEntry) => name !== ADMIN && !name.startsWith(MANAGEMENT_PREFIX);

/** The current permissions of a preset: all for protected APIs, or only those that read. */
export function presetPermissions(preset: 'full' | 'read', catalog: readonly PermissionEntry[]): string[] {
  return catalog
    .filter(isApiPermission)
    .map(({ name }) => name)
    .filter((name) => preset === 'full' || /^view_|\.read$/.test(name));
}

/** The preset that equals a set of permissions. */
export function presetOf(chosen: readonly string[], catalog: readonly PermissionEntry[]): PermissionPreset {
  const set = new Set(chosen);
  const equals = (names: string[]) =>
    names.length > 0 && names.length === set.size && names.every((name) => set.has(name));
  if (equals(presetPermissions('full', catalog))) return 'full';
  return equals(presetPermissions('read', catalog)) ? 'read' : 'custom';
}

/** A short form for a narrow column, such as `View Customers +3`. */
export function permissionsSummary(names: readonly string[], labels: ReadonlyMap<string, string>): string {
  if (names.includes(ADMIN)) return 'Admin (all)';
  const [first, ...rest] = names;
  if (first === undefined) return 'None';
  const label = labels.get(first) ?? first;
  return rest.length ? `${label} +${rest.length}` : label;
}

/** The catalog by group, in its own order, filtered by a search text. */
export function groupPermissions<Entry extends PermissionEntry>(catalog: readonly Entry[], search: string) {
  const wanted = fold(search);
  const groups = new Map<string, Entry[]>();
  for (const entry of catalog) {
    if (entry.name === ADMIN) continue;
    const text = `${entry.name} ${entry.label} ${entry.group} ${entry.description ?? ''}`;
    if (wanted && !fold(text).includes(wanted)) continue;
    groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  }
  return [...groups].map(([name, entries]) => ({ name, entries }));
}

const WILDCARD = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\.\*$/;

/** Whether a text is a wildcard, such as `customer.*`. */
export const isWildcard = (text: string): boolean => WILDCARD.test(text);

/** The wildcards that match at least one catalog entry, such as `keywright.keys.*` and `keywright.*`. */
export function wildcardsOf(catalog: readonly PermissionEntry[]): string[] {
  const found = new Set<string>();
  for (const { name } of catalog) {
    const parts = name.split('.');
    for (let length = 1; length < parts.length; length++) {
      found.add(`${parts.slice(0, length).join('.')}.*`);
    }
  }
  return [...found].sort();
}

/** The selected wildcard that covers a permission, if any. */
export function wildcardOver(name: string, chosen: readonly string[]): string | undefined {
  return chosen.find((other) => isWildcard(other) && name !== other && name.startsWith(other.slice(0, -1)));
}

/** The selected names that are not in the catalog: wildcards and deleted permissions. */
export function unlisted(chosen: readonly string[], catalog: readonly PermissionEntry[]): string[] {
  const listed = new Set(catalog.map(({ name }) => name));
  return chosen.filter((name) => name !== ADMIN && !listed.has(name));
}
