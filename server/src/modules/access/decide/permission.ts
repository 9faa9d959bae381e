import { MAX_NAME_LENGTH } from '@keywright/schema/question-limits';

/** A permission name (`view_customer`, `telemetry.write`), a wildcard (`customer.*`) or Admin (`*`). */
export const PERMISSION_PATTERN = /^(?:\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*)?)$/;

/** Whether the text is a valid permission name, wildcard or Admin. */
export const isPermissionPattern = (text: string): boolean =>
  text.length <= MAX_NAME_LENGTH && PERMISSION_PATTERN.test(text);

/** A set of held permissions, indexed once so that each check is a lookup. A trailing `.*` covers dotted names only. */
export class PermissionSet {
  private readonly all: boolean;
  private readonly names: ReadonlySet<string>;
  private readonly prefixes: readonly string[];

  constructor(held: Iterable<string>) {
    const names = new Set(held);
    this.all = names.has('*');
    this.names = names;
    this.prefixes = [...names].filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -1));
  }

  /** Whether the permission, or the whole wildcard, is covered. Wildcards cover only valid permission names. */
  covers(wanted: string): boolean {
    if (this.names.has(wanted)) return true;
    const byWildcard = this.all || this.prefixes.some((prefix) => wanted.startsWith(prefix));
    return byWildcard && isPermissionPattern(wanted);
  }

  /** Whether any of the permissions is covered; an empty list requires nothing and is covered. */
  coversAny(wanted: readonly string[]): boolean {
    return wanted.length === 0 || wanted.some((name) => this.covers(name));
  }

  /** The wanted permissions that are not covered. */
  missing(wanted: Iterable<string>): string[] {
    return [...wanted].filter((name) => !this.covers(name));
  }

  /** The held names, sorted. */
  list(): string[] {
    return [...this.names].sort();
  }
}

/** The permissions that both sets cover: of two names or wildcards the narrower one, if the other set covers it. */
export const meetPermissions = (a: PermissionSet, b: PermissionSet): string[] => [
  ...new Set([...a.list().filter((name) => b.covers(name)), ...b.list().filter((name) => a.covers(name))]),
];

/** Permissions that count only below the customer of a key. */
export const isOwnPermission = (name: string): boolean => name.startsWith('view_own_');

/** Whether a held name or wildcard covers any of Keywright's own permissions. */
export const managesKeywright = (name: string): boolean => name === '*' || name.startsWith('keywright.');
